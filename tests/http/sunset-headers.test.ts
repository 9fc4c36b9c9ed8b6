/** What the contract marks as deprecated is announced in the answers that use it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractOf, readContract } from '../../src/contract/contract.js';
import type { OpenApiDocument } from '../../src/contract/document.js';
import { type TestService, startService } from '../support/service.js';

const days = { deprecated: true, 'x-deprecated-since': '2026-01-01', 'x-sunset': '2027-01-01' };
const said = ['@1767225600', 'Fri, 01 Jan 2027 00:00:00 GMT'];

function withDeprecations(): OpenApiDocument {
  // A copy of the test's own.
  const document = structuredClone(readContract().document) as unknown as {
    paths: Record<string, { get: object }>;
    components: { parameters: Record<string, object> };
  };
  Object.assign(document.paths['/health/live']?.get ?? {}, days);
  Object.assign(document.components.parameters.Limit ?? {}, days);
  return document as unknown as OpenApiDocument;
}

let service: TestService;
beforeAll(async () => {
  service = await startService({ contract: contractOf(withDeprecations()) });
});
afterAll(() => service.close());

async function noticesOf(path: string) {
  const { headers } = await service.fetch(path, { key: 'patients' });
  return [headers.get('deprecation'), headers.get('sunset')];
}

describe('deprecation', () => {
  it('200 of a deprecated operation says since when and until when', async () => {
    expect(await noticesOf('/health/live')).toEqual(said);
  });

  it('200 says it of a deprecated parameter that is used', async () => {
    expect(await noticesOf('/patients?limit=1')).toEqual(said);
  });

  it('200 says nothing otherwise', async () => {
    expect(await noticesOf('/patients')).toEqual([null, null]);
  });
});
