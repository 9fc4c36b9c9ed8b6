/** The collections that the document publishes: a path `/name` that lists what `/name/{id}` gives one of. */
import { createHash } from 'node:crypto';
import type { components, paths } from '../../generated/api.js';
import { type JsonSchema, type OpenApiDocument, type PathItem, resolve } from './document.js';

/** `patients`, `appointments`, … : the first step of every path that ends in an id. */
export type CollectionName = {
  [Path in keyof paths]: Path extends `/${infer Name}/{${string}}` ? Name : never;
}[keyof paths];

/** One record of a collection as it is served. */
export type RecordOf<Name extends CollectionName> =
  paths[`/${Name}`]['get']['responses'][200]['content']['application/json'][number];

/** A record without its audit columns: what a source can say. */
export type ContentOf<Name extends CollectionName> = Omit<RecordOf<Name>, AuditColumn>;

export interface Collection {
  readonly name: CollectionName;
  readonly listPath: string;
  readonly recordPath: string;
  /** The field, and path parameter, that holds a record's id. */
  readonly idField: string;
  /** The security scheme that both operations ask for. */
  readonly scheme: string;
  /** A record's fields but the audit columns, in the order in which they are written. */
  readonly contentFields: readonly string[];
  /** The record's schema, free of references and closed to other fields. */
  readonly recordSchema: JsonSchema;
  /** The same without audit columns. */
  readonly contentSchema: JsonSchema;
  /** SHA-256 of what that schema asks for, hexadecimal: changes when a stored record may no longer fit. */
  readonly fingerprint: string;
}

const recordPathPattern = /^\/(?<name>[a-z][a-z0-9_]*)\/\{(?<idField>[a-z0-9_]+)\}$/;

export function collectionsOf(document: OpenApiDocument): readonly Collection[] {
  return Object.keys(document.paths).flatMap((recordPath) => {
    const { name, idField } = recordPathPattern.exec(recordPath)?.groups ?? {};
    const listPath = `/${name ?? ''}`;
    const list = document.paths[listPath];
    if (name === undefined || idField === undefined || list === undefined) return [];
    const record = recordSchema(document, list);
    const schema = withoutAuditColumns(record);
    return [
      {
        // The type is computed from the same paths that are matched here.
        name: name as CollectionName,
        listPath,
        recordPath,
        idField,
        scheme: schemeOf(list),
        contentFields: Object.keys(schema.properties ?? {}),
        recordSchema: record,
        contentSchema: schema,
        fingerprint: fingerprintOf(schema),
      },
    ];
  });
}

/** Words about a schema change nothing that a record has to fit. */
const annotation = /^(?:title|description|examples?|deprecated|\$comment|x-.*)$/;

function fingerprintOf(schema: JsonSchema): string {
  return createHash('sha256')
    .update(JSON.stringify(constraintsOf(schema)))
    .digest('hex');
}

function constraintsOf({ properties, items, ...keywords }: JsonSchema): unknown {
  return {
    ...Object.fromEntries(Object.entries(keywords).filter(([name]) => !annotation.test(name))),
    ...(items && { items: constraintsOf(items) }),
    // Their order is the order in which the fields are written.
    ...(properties && {
      properties: Object.entries(properties).map(([name, property]) => [
        name,
        constraintsOf(property),
      ]),
    }),
  };
}

function schemeOf(list: PathItem): string {
  const [scheme] = Object.keys(list.get?.security?.[0] ?? {});
  if (scheme === undefined) {
    throw new Error(`${list.get?.operationId ?? 'a list'} names no security scheme of its own`);
  }
  return scheme;
}

function recordSchema(document: OpenApiDocument, list: PathItem): JsonSchema {
  const response = list.get?.responses['200'];
  const content = response && resolve(document, response).content?.['application/json'];
  const items = content?.schema && resolve(document, content.schema).items;
  if (items === undefined) {
    throw new Error(`${list.get?.operationId ?? 'a list'} does not answer an array of records`);
  }
  return closed(document, items);
}

function withoutAuditColumns(record: JsonSchema): JsonSchema {
  const isContent = (field: string) => !(auditColumns as readonly string[]).includes(field);
  return {
    ...record,
    required: (record.required ?? []).filter(isContent),
    properties: Object.fromEntries(
      Object.entries(record.properties ?? {}).filter(([field]) => isContent(field)),
    ),
  };
}

/** A copy without references in which no object takes a property that it does not name. */
function closed(document: OpenApiDocument, schema: JsonSchema): JsonSchema {
  const { $ref, ...beside } = schema;
  const own = $ref === undefined ? beside : { ...resolve(document, { $ref }), ...beside };
  const { items, properties } = own as JsonSchema;
  return {
    ...own,
    ...(items && { items: closed(document, items) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, closed(document, property)]),
      ),
      additionalProperties: false,
    }),
  };
}

type Shared = components['schemas']['Patient'] & components['schemas']['LabResult'];

export const auditColumns = [
  'created_ts',
  'updated_ts',
  'created_by',
  'updated_by',
  'is_active',
  'record_state',
  'deleted_ts',
  'version',
] as const satisfies readonly (keyof Shared)[];

type AuditColumn = (typeof auditColumns)[number];
export type RecordState = Shared['record_state'];
