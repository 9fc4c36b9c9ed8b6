/** The compiled router answers as openapi-backend's own does, whatever is asked of it. */
import fc from 'fast-check';
import { type Document, OpenAPIRouter, type Request } from 'openapi-backend';
import { describe, expect, it } from 'vitest';
import contract from '../../generated/openapi.json' with { type: 'json' };
import { ContractRouter } from '../../src/http/router.js';

// The library's own document type wants every optional part of the specification spelled out.
const definition = contract as unknown as Document;
const compiled = new ContractRouter(definition);
const own = new OpenAPIRouter({ definition, apiRoot: '/', ignoreTrailingSlashes: false });

function compiledOutcome({ method: asked, path: at }: Request) {
  const match = compiled.match(at);
  if (match === undefined) return 'Error: 404';
  const target = match.operations.get(asked.toLowerCase());
  return target === undefined ? 'Error: 405' : { id: target.operationId, params: match.pathParams };
}

function ownOutcome(request: Request) {
  try {
    const operation = own.matchOperation(request, true);
    // The library's parameters may be of any type.
    const params: unknown = own.parseRequest(request, operation).params;
    return { id: operation.operationId, params };
  } catch (error) {
    return String(error).slice(0, 'Error: 404'.length);
  }
}

const segments = [...new Set(Object.keys(contract.paths).flatMap((path) => path.split('/')))];
const idCharacters = [
  'a',
  'Z',
  '0',
  '-',
  '.',
  '_',
  '~',
  ':',
  '@',
  '!',
  '$',
  '&',
  '(',
  '+',
  ',',
  ';',
  '%2F',
  '%20',
  '%C3%A9',
  '{',
  '}',
  '|',
  '^',
];
const id = fc.string({ unit: fc.constantFrom(...idCharacters), minLength: 1, maxLength: 12 });
const path = fc
  .array(fc.oneof(fc.constantFrom(...segments), id), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`)
  .filter((text) => !text.includes('//'));
const method = fc.constantFrom('GET', 'get', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE');
const query = fc.dictionary(fc.constantFrom('cursor', 'updated_since', 'other'), id);

describe('the compiled router', () => {
  it('answers like openapi-backend’s own', () => {
    fc.assert(
      fc.property(method, path, query, (asked, at, with_) => {
        const request = { method: asked, path: at, query: with_, headers: {} };
        expect(compiledOutcome(request)).toEqual(ownOutcome(request));
      }),
      { numRuns: 1000 },
    );
  });
});
