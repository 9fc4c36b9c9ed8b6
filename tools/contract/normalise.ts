// Brings two ways of writing the same contract to one, so that the comparison does not take style for a change.
import { type Json, type JsonObject, followed, isObject, objectOf } from './json.js';
import { methods } from './pairs.js';

/**
 * Parameters of a path stand at its operations, keywords beside a `$ref` are merged into its target, null is a
 * type rather than a branch, codes have no order, and a server is its URL.
 */
export function normalised(document: JsonObject): JsonObject {
  const plain = objectOf(rewritten(document, document));
  return { ...plain, paths: mapped(objectOf(plain.paths), ({ value }) => pathItem(value)) };
}

function rewritten(document: JsonObject, node: Json, key = ''): Json {
  if (Array.isArray(node)) {
    const items = (node as readonly Json[]).map((item) => rewritten(document, item, key));
    return key === 'enum' ? items.toSorted() : items;
  }
  if (!isObject(node) || key === 'example' || key === 'examples') return node;
  if (typeof node.$ref === 'string' && Object.keys(node).length > 1) {
    return rewritten(document, followed(document, node), key);
  }
  const { description: _, ...server } = node;
  if (key === 'servers') return server;
  return withNullAsType(mapped(node, ({ name, value }) => rewritten(document, value, name)));
}

function withNullAsType(schema: JsonObject): JsonObject {
  for (const combinator of ['oneOf', 'anyOf']) {
    const branches = schema[combinator];
    if (!Array.isArray(branches) || branches.length !== 2) continue;
    const parts = (branches as readonly Json[]).map(objectOf);
    const other = parts.find(({ type }) => type !== 'null');
    if (other === undefined || !parts.some(isNull) || typeof other.type !== 'string') continue;
    const { [combinator]: _, ...rest } = schema;
    return { ...rest, ...other, type: [other.type, 'null'] };
  }
  return schema;
}

function isNull(schema: JsonObject): boolean {
  return schema.type === 'null' && Object.keys(schema).length === 1;
}

function pathItem(item: Json): Json {
  const { parameters, ...rest } = objectOf(item);
  if (!Array.isArray(parameters)) return item;
  return mapped(rest, ({ name, value }) => {
    if (!methods.includes(name)) return value;
    const operation = objectOf(value);
    const own = Array.isArray(operation.parameters) ? (operation.parameters as Json[]) : [];
    return { ...operation, parameters: [...(parameters as Json[]), ...own] };
  });
}

function mapped(
  object: JsonObject,
  change: (entry: { readonly name: string; readonly value: Json }) => Json,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, change({ name, value })]),
  );
}
