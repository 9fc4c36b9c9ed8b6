/** The bundled OpenAPI document, read once, and what the service derives from it. */
import { readFileSync } from 'node:fs';
import { type Collection, collectionsOf } from './collections.js';
import type { OpenApiDocument } from './document.js';

export interface Contract {
  readonly document: OpenApiDocument;
  readonly collections: readonly Collection[];
}

const bundle = new URL('../../generated/openapi.json', import.meta.url);

/**
 * @param names serve these collections only; all of the document's without it
 * @throws Error when a name is not a collection of the document
 */
export function readContract(names?: readonly string[]): Contract {
  return contractOf(JSON.parse(readFileSync(bundle, 'utf8')) as OpenApiDocument, names);
}

export function contractOf(document: OpenApiDocument, names?: readonly string[]): Contract {
  const all = collectionsOf(document);
  const kept = names === undefined ? all : all.filter(({ name }) => names.includes(name));
  const dropped = all.filter((collection) => !kept.includes(collection));
  return {
    document: dropped.length === 0 ? document : without(document, dropped),
    collections: kept,
  };
}

function without(document: OpenApiDocument, dropped: readonly Collection[]): OpenApiDocument {
  const paths = Object.keys(document.paths).filter((path) =>
    dropped.some(({ listPath }) => path === listPath || path.startsWith(`${listPath}/`)),
  );
  const schemes = dropped.map(({ scheme }) => scheme);
  return {
    ...document,
    paths: omit(document.paths, paths),
    components: {
      ...document.components,
      securitySchemes: omit(document.components.securitySchemes, schemes),
    },
  };
}

function omit<Value>(object: Readonly<Record<string, Value>>, keys: readonly string[]) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
