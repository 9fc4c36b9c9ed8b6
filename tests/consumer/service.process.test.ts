/** The consumer suite against the service, directly and through a proxy that checks each answer against the contract. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import type { Operations } from '../../src/contract/operations.js';
import { createApp } from '../../src/http/app.js';
import { listen } from '../../src/http/server.js';
import { type TestService, keys, silent, startService } from '../support/service.js';
import { writeExamples } from './examples.js';
import { type Prism, startProxy } from './prism.js';
import { refusedRequests, validRequests } from './suite.js';

let service: TestService;
let proxy: Prism;
beforeAll(async () => {
  service = await startService();
  await writeExamples(service);
  proxy = await startProxy(service.url);
});
afterAll(async () => {
  await proxy.close();
  await service.close();
});

describe('the service', () => {
  validRequests(() => service.url);
  refusedRequests(() => service.url);
});

describe('the service behind prism proxy', () => {
  const violations: string[] = [];
  const plainFetch = globalThis.fetch;
  beforeAll(() => {
    globalThis.fetch = async (...args) => {
      const response = await plainFetch(...args);
      const found = response.headers.get('sl-violations');
      if (found !== null) violations.push(`${response.url}: ${found}`);
      return response;
    };
  });
  afterAll(() => {
    globalThis.fetch = plainFetch;
  });

  validRequests(() => proxy.url);

  it('no answer violates the contract', () => {
    expect(violations).toEqual([]);
  });
});

describe('a handler that answers wrongly', () => {
  it('is found by prism proxy', async () => {
    const reply = {
      status: 200,
      type: 'application/json',
      headers: { 'Feed-Epoch': 'x' },
      body: '[{"patient_id":7}]',
    };
    const wrong = await listen({
      app: await createApp({
        contract: readContract(),
        operations: { listPatients: () => reply } as unknown as Operations,
        authenticate: () => Promise.resolve({ consumer: 'default' }),
        log: silent,
      }),
      host: '127.0.0.1',
      port: 0,
      log: silent,
    });
    const checking = await startProxy(wrong.url);
    const response = await fetch(`${checking.url}/patients`, {
      headers: { 'x-api-key': keys.patients ?? '' },
    });
    const found = JSON.parse(response.headers.get('sl-violations') ?? '[]') as unknown[];
    await checking.close();
    await wrong.close(0);
    expect(found.length).toBeGreaterThan(0);
  });
});
