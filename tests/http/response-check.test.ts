/** The service holds its own answers against the contract. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import type { Operations } from '../../src/contract/operations.js';
import { createApp } from '../../src/http/app.js';
import { createResponseChecks, sampled } from '../../src/http/response-check.js';
import { listen } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { linesOf } from '../support/log-lines.js';

const contract = readContract();
const listed = {
  status: 200,
  type: 'application/json',
  headers: {
    'Next-Cursor': 'abc',
    'Feed-Epoch': '000647a5c0f0e240',
    'Feed-Position': '2026-01-05T08:00:00.000002Z',
    'Cache-Control': 'no-store',
  },
  body: '[]',
};

async function answerOf(reply: object) {
  const { log, text } = linesOf((destination) =>
    createLog({ level: 'debug', confidential: new Set(), destination }),
  );
  const server = await listen({
    app: await createApp({
      contract,
      operations: { listPatients: () => reply } as unknown as Operations,
      authenticate: () => Promise.resolve({ consumer: 'default' }),
      log,
      responseCheck: 'always',
    }),
    host: '127.0.0.1',
    port: 0,
    log,
  });
  try {
    const headers = { 'x-api-key': 'any' };
    const response = await fetch(`${server.url}/patients`, { headers }).catch(() => undefined);
    await response?.text().catch(() => undefined);
    return { status: response?.status, logged: text() };
  } finally {
    await server.close(0);
  }
}

describe('responses', () => {
  it('200 when they are what the contract promises', async () => {
    expect((await answerOf(listed)).status).toBe(200);
  });

  it('500 when a field breaks its rule, with pointer and rule in the log and no value', async () => {
    const { status, logged } = await answerOf({
      ...listed,
      body: '[{"patient_id":"Secret Name"}]',
    });
    expect(status).toBe(500);
    expect(logged).toMatch(/listPatients 200 breaks the contract at \/0[^"]*: \w+/);
    expect(logged).not.toContain('Secret Name');
  });

  it.each([
    ['a status that is not documented', { status: 299 }],
    ['another media type', { type: 'text/plain' }],
    ['a header less', { headers: {} }],
    ['a wrong header', { headers: { ...listed.headers, 'Feed-Epoch': 'x' } }],
    ['a line that is no record', { type: 'application/x-ndjson', body: '{}\n' }],
  ])('500 for %s', async (_why, facts) => {
    expect((await answerOf({ ...listed, ...facts })).status).toBe(500);
  });

  it('breaks a stream off at a line that is no record', async () => {
    const body = Readable.from([Buffer.from('{"patient_'), Buffer.from('id":7}\n')]);
    const type = 'application/x-ndjson';
    const answer = await answerOf({ ...listed, type, body });
    expect(answer.logged).toContain('breaks the contract');
    expect(answer.status).not.toBe(200);
  });
});

describe('a sample', () => {
  const operation = contract.document.paths['/patients']?.get;
  const wrong = { ...listed, body: '[{}]' };

  async function violations(chance: number): Promise<readonly unknown[]> {
    const found: unknown[] = [];
    if (operation === undefined) throw new Error('The contract lists no patients.');
    const check = createResponseChecks(contract.document)(operation);
    const report = (violation: unknown) => found.push(violation);
    expect(sampled(check, report, () => chance)(wrong)).toBe(wrong);
    await setImmediate();
    return found;
  }

  it('reports what is wrong after the answer, and changes nothing', async () => {
    expect(await violations(0)).toHaveLength(1);
  });

  it('leaves the others alone', async () => {
    expect(await violations(0.5)).toHaveLength(0);
  });
});
