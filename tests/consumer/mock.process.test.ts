/** The consumer suite against the mock, and the mock's examples of every situation. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, objectOf } from '../../tools/contract/json.js';
import { curlLines } from '../../tools/mock.js';
import { situationsOf } from '../../tools/mock-situations.js';
import { checkedFetch } from '../support/checked-fetch.js';
import { type Prism, startMock } from './prism.js';
import { refusedRequests, validRequests } from './suite.js';

const situations = situationsOf(
  objectOf(JSON.parse(readFileSync('generated/openapi.json', 'utf8')) as Json),
);
let mock: Prism;
beforeAll(async () => {
  mock = await startMock();
});
afterAll(() => mock.close());

describe('the mock', () => {
  validRequests(() => mock.url);
  refusedRequests(() => mock.url);
});

describe('a situation', () => {
  it.each(situations)('$status of $operationId: $example', async (situation) => {
    const { path, prefer, accept, secured, status } = situation;
    const answer = await checkedFetch(mock.url, {})(path, {
      ...(secured && { key: 'any' }),
      headers: { ...(prefer !== undefined && { prefer }), ...(accept !== undefined && { accept }) },
    });
    expect(String(answer.status)).toBe(status);
  });

  it('is printed as a command', () => {
    const [first] = curlLines(situations, 'http://mock');
    expect(first).toBe(`curl -i -H 'x-api-key: any' 'http://mock/patients'`);
  });
});

describe('docs/mocking.md', () => {
  it('lists every situation', () => {
    const page = readFileSync('docs/mocking.md', 'utf8');
    const missing = situations.filter(
      ({ example, prefer }) => !page.includes(`\`${example}\``) || !page.includes(prefer ?? ''),
    );
    expect(missing.map(({ example }) => example)).toEqual([]);
  });
});
