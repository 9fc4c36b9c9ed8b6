/** The address of a request as logs may tell it: templates in place of ids, and of the query what holds no patient. */
import type { Operation } from 'openapi-backend';
import type { Parameter } from '../contract/document.js';

/** Texts are named only: ids, positions and times are a patient's, or lead to one. */
const tellable = new Set<unknown>(['integer', 'boolean']);

/** @returns a function from a query to `/patients?limit=100&cursor`; parameters that are unknown are left out */
export function requestUrls(
  operation: Operation,
): (query: Readonly<Record<string, unknown>>) => string {
  const { path, parameters = [] } = operation;
  // The dispatcher's document has no references left.
  const inQuery = (parameters as unknown as readonly Parameter[]).filter(
    (one) => one.in === 'query',
  );
  const isTold = new Map(inQuery.map(({ name, schema }) => [name, tellable.has(schema.type)]));
  return (query) => {
    const shown = Object.entries(query).flatMap(([name, value]) => {
      const told = isTold.get(name);
      if (told === undefined) return [];
      return [
        told && /^(?:\d{1,15}|true|false)$/.test(String(value)) ? `${name}=${String(value)}` : name,
      ];
    });
    return shown.length === 0 ? path : `${path}?${shown.join('&')}`;
  };
}
