// What a pull client has to know of each collection, read from the contract.
import { collectionsOf } from '../../src/contract/collections.js';
import { type JsonSchema, type OpenApiDocument, resolve } from '../../src/contract/document.js';

/** One collection, as a client that keeps tables sees it. */
export interface Stream {
  readonly name: string;
  readonly idField: string;
  /** The header that carries the collection's key. */
  readonly keyHeader: string;
  /** The name under which a client's configuration holds that key. */
  readonly keySetting: string;
  /** A record, free of references and of the contract's own keywords. */
  readonly schema: JsonSchema;
}

/** The most records that one page may hold. */
export const pageSize = 1000;

/** Before any record: where a client that has no saved position starts. */
export const beginning = '1970-01-01T00:00:00.000000Z';

export function streamsOf(document: OpenApiDocument): readonly Stream[] {
  return collectionsOf(document).map(({ name, listPath, idField, scheme }) => {
    const keyHeader = document.components.securitySchemes[scheme]?.name;
    const answer = document.paths[listPath]?.get?.responses['200'];
    if (keyHeader === undefined || answer === undefined) {
      throw new Error(`${listPath}: no key header or no answer 200 in the contract`);
    }
    const items = resolve(document, answer).content?.['application/json']?.schema?.items;
    if (items === undefined) throw new Error(`${listPath}: its answer is not an array of records`);
    return {
      name,
      idField,
      keyHeader,
      keySetting: `${name}_key`,
      schema: plain(document, items),
    };
  });
}

/** Keywords that say what a client's table has to hold; bounds are the service's to keep. */
const kept = new Set(['type', 'format', 'description', 'properties', 'items', 'required']);

function plain(document: OpenApiDocument, schema: JsonSchema): JsonSchema {
  const { $ref, ...beside } = schema;
  const { properties, items, ...words } = {
    ...($ref === undefined ? {} : resolve(document, { $ref })),
    ...beside,
  };
  return {
    ...Object.fromEntries(Object.entries(words).filter(([keyword]) => kept.has(keyword))),
    ...(items && { items: plain(document, items) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, plain(document, property)]),
      ),
    }),
  };
}

/** The type of a schema beside `null`. */
export function typeOf({ type }: JsonSchema): string {
  const types = typeof type === 'string' ? [type] : (type ?? []);
  return types.find((name) => name !== 'null') ?? 'string';
}
