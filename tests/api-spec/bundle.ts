// The committed bundle as the tests of the contract read it.
import { readFileSync } from 'node:fs';
import type { Bundle } from '../../tools/generate.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

const url = new URL('../../generated/openapi.json', import.meta.url);

const text = readFileSync(url, 'utf8');

// Both are the product of `npm run generate`, which is linted as an OpenAPI document.
export const bundle = JSON.parse(text) as JsonObject;
export const typedBundle = JSON.parse(text) as Bundle;

export const recordSchemas = ['Patient', 'Appointment', 'LabResult'] as const;

/** Follows a `$ref` inside the bundle, once; what stands beside it counts before its target. */
export function resolve(value: Json | undefined): JsonObject {
  const { $ref, ...beside } = object(value);
  if (typeof $ref !== 'string') return beside;
  const keys = $ref.slice(2).split('/');
  const target = keys.reduce<Json | undefined>((parent, key) => object(parent)[key], bundle);
  return { ...object(target), ...beside };
}

/** The value as an object, or a failure that says what it is. */
export function object(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`Not an object: ${JSON.stringify(value)}`);
  }
  return value;
}

export interface Media {
  readonly where: string;
  readonly mediaType: string;
  readonly media: JsonObject;
}

/** Every media type that any operation can answer. */
export function responseMedia(): Media[] {
  return Object.entries(object(bundle.paths)).flatMap(([path, item]) =>
    Object.entries(object(resolve(object(item).get).responses)).flatMap(([status, response]) =>
      Object.entries(object(resolve(response).content ?? {})).map(([mediaType, media]) => ({
        where: `GET ${path} ${status} ${mediaType}`,
        mediaType,
        media: object(media),
      })),
    ),
  );
}
