/** Every answer that the contract documents is given by the service; the checking client sees to all others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionName } from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import { resolve } from '../../src/contract/document.js';
import type { Operations } from '../../src/contract/operations.js';
import { createApp } from '../../src/http/app.js';
import { listen } from '../../src/http/server.js';
import { checkedFetch, seen } from '../support/checked-fetch.js';
import { type CutLine, createCutLine } from '../support/cut-line.js';
import { exampleRecord } from '../support/records.js';
import { type TestService, keys, silent, startService, transport } from '../support/service.js';
import { answersOf, writeAnswerReport } from './answer-report.js';

const contract = readContract();
const { document, collections } = contract;

interface Case {
  readonly id: string;
  readonly template: string;
  readonly statuses: readonly number[];
  readonly types: readonly string[];
  readonly collection: CollectionName | undefined;
}

const cases = Object.entries(document.paths).flatMap(([template, { get }]): Case[] => {
  const success = get?.responses['200'];
  if (get === undefined || success === undefined) return [];
  return [
    {
      id: get.operationId,
      template,
      statuses: Object.keys(get.responses).map(Number),
      types: Object.keys(resolve(document, success).content ?? {}),
      collection: collections.find(({ name }) => template.split('/')[1] === name)?.name,
    },
  ];
});

let service: TestService;
let guarded: TestService;
let failing: { readonly url: string; close(deadlineMs: number): Promise<void> };
const ids = new Map<string, string>();

beforeAll(async () => {
  service = await startService();
  for (const { name } of collections) {
    const record = exampleRecord(name);
    ids.set(name, record.id);
    await service.write(name, [record]);
  }
  guarded = await startService({
    config: { transport: { ...transport, allowedClients: ['192.0.2.0/24'] } },
  });
  failing = await listen({
    app: await createApp({
      contract,
      operations: everyOperationFails(),
      authenticate: () => Promise.resolve({ consumer: 'default' }),
      log: silent,
    }),
    host: '127.0.0.1',
    port: 0,
    log: silent,
  });
});
afterAll(async () => {
  await failing.close(0);
  await guarded.close();
  await service.close();
});

function everyOperationFails(): Operations {
  const fail = () => {
    throw new Error('a fault of the service’s own');
  };
  return Object.fromEntries(cases.map(({ id }) => [id, fail])) as unknown as Operations;
}

const pathOf = ({ template, collection }: Case, id = ids.get(collection ?? '') ?? '') =>
  template.replace(/\{[^}]+\}/, encodeURIComponent(id));
const ask = (it: Case, path: string, accept?: string) =>
  service.fetch(path, {
    ...(it.collection !== undefined && { key: it.collection }),
    ...(accept !== undefined && { headers: { accept } }),
  });

/** How each answer but 200 is provoked, for any operation that documents it. */
const others: Record<number, (it: Case) => Promise<{ readonly status: number }>> = {
  304: (it) =>
    service.fetch(pathOf(it), {
      key: it.collection ?? '',
      headers: { 'if-none-match': '*' },
    }),
  400: (it) => ask(it, `${pathOf(it)}?nonsense=1`),
  401: (it) => service.fetch(pathOf(it)),
  403: (it) => guarded.fetch(pathOf(it)),
  429: async (it) => {
    const wrong = { key: 'wrong-0123456789' };
    for (let count = 0; count < 60; count += 1) await service.fetch(pathOf(it), wrong);
    return service.fetch(pathOf(it), wrong);
  },
  404: (it) => ask(it, pathOf(it, 'ehr:Nothing:here')),
  406: (it) => ask(it, pathOf(it), 'image/png'),
  410: async (it) => {
    const { headers } = await ask(it, pathOf(it));
    await service.database.query('update feed set epoch = epoch + 1');
    return ask(it, `${pathOf(it)}?cursor=${headers.get('next-cursor') ?? ''}`);
  },
  500: (it) =>
    checkedFetch(failing.url, keys)(pathOf(it), it.collection ? { key: it.collection } : {}),
};

describe.each(cases)('$id', (it_) => {
  it.each(it_.types)('200 as %s', async (type) => {
    const answer = await ask(it_, pathOf(it_), type);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  });

  it.each(it_.statuses.filter((status) => status in others))('%i', async (status) => {
    expect((await others[status]?.(it_))?.status).toBe(status);
  });
});

describe('without PostgreSQL', () => {
  let line: CutLine;
  let cut: TestService;
  beforeAll(async () => {
    line = await createCutLine(service.database.url);
    cut = await startService({
      config: { database: { kind: 'url', url: line.url, migrationUrl: undefined } },
    });
    line.cut();
  });
  afterAll(async () => {
    await cut.close();
    line.close();
  });

  it.each(cases.filter(({ statuses }) => statuses.includes(503)))(
    '503 from $id, and 200 again once it is back',
    async (it_) => {
      const key = it_.collection === undefined ? {} : { key: it_.collection };
      const refused = await cut.fetch(pathOf(it_), key);
      line.mend();
      const served = await cut.fetch(pathOf(it_), key);
      line.cut();
      expect([refused.status, served.status]).toEqual([503, 200]);
    },
  );

  it('200 from getLiveness all the same', async () => {
    expect((await cut.fetch('/health/live')).status).toBe(200);
  });
});

describe('the contract', () => {
  it('documents no answer that was not given above, as the report says', async () => {
    const answers = answersOf(document, seen);
    console.log(await writeAnswerReport(answers, 'coverage'));
    expect(answers.filter(({ isGiven }) => !isGiven)).toEqual([]);
  });

  it('is found out where it documents an answer that is never given', () => {
    const [first, ...others] = [...seen];
    const missing = answersOf(document, new Set(others)).filter(({ isGiven }) => !isGiven);
    expect(missing.map(({ operation, status, type }) => `${operation} ${status} ${type}`)).toEqual([
      first,
    ]);
  });
});
