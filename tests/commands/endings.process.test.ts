/** SIGTERM at a random moment under load: no answer to a request that was read is cut. ENDINGS says how often. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../../bench/torture/random.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { openConnection } from '../support/raw-connection.js';
import { patient } from '../support/records.js';
import { keys, silent } from '../support/service.js';
import { openStore } from '../../src/store.js';
import { readContract } from '../../src/contract/contract.js';
import { type Folder, type Run, makeFolder, settingsFor, urlOf } from './processes.js';

const endings = Number(process.env.ENDINGS ?? 2);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = randomFrom(seed);
/** A whole export is more than the system takes for a reader that takes nothing. */
const records = endings > 10 ? 20_000 : 2_000;
const exportedRecords = 1_500;
/** Cloud Run gives ten. */
const endWithinMs = 9_000;
/** Where every answer is taken; far above what it takes. */
const quickMs = 6_000;
const slowestStartMs = 700;
/** So often a reader of an export takes nothing of it, so that it is not over at the deadline. */
const stalledShare = 0.08;

let folder: Folder;
let database: TestDatabase;
let settings: Readonly<Record<string, string>>;
let exportSince: string;
beforeAll(async () => {
  [folder, database] = await Promise.all([makeFolder(), createDatabase()]);
  settings = { ...(await settingsFor(folder, database.url)), LOG_LEVEL: 'info' };
  const store = await openStore({ url: database.url, contract: readContract(), log: silent });
  const load = await store.startLoad({ source: 'ehr', files: [] });
  const all = Array.from({ length: records }, (_, at) => patient(`r${at}`));
  await store.inBatch('patients', load, (batch) => batch.write(all));
  await store.close();
  const [row] = await database.query(
    'select feed_time(position) as since from record order by position desc offset $1 limit 1',
    [exportedRecords],
  );
  exportSince = String(row?.since);
});
afterAll(async () => {
  await folder.remove();
  await database.drop();
});

interface Kind {
  readonly name: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A connection for each request, as clients without keep-alive have. */
  readonly fresh?: boolean;
}

const page: Kind = { name: 'page', path: '/patients?limit=50' };
const record: Kind = { name: 'record', path: '/patients/ehr:Patient:r1' };
const exporting = (): Kind => ({
  name: 'export',
  path: `/patients?updated_since=${exportSince}`,
  headers: { accept: 'application/x-ndjson' },
});
const waiting = (cursor: string): Kind => ({
  name: 'wait',
  path: `/patients?cursor=${cursor}`,
  headers: { prefer: 'wait=30' },
});

interface Asked {
  readonly id: string;
  readonly status: number;
  readonly whole: boolean;
}

/** Asks again and again until nobody answers any more. */
async function client(url: string, name: string, kind: Kind): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (;;) {
    const connection = await openConnection(url).catch(() => undefined);
    if (connection === undefined) return asked;
    do {
      const id = `${name}-${asked.length}`;
      const headers = { 'x-api-key': keys.patients ?? '', 'x-request-id': id, ...kind.headers };
      const { status, whole } = await connection.ask(kind.path, headers);
      asked.push({ id, status, whole });
    } while (kind.fresh !== true && !connection.socket.destroyed);
    connection.socket.destroy();
  }
}

/** Takes the head of an export and no more: its answer is cut at the deadline, and that shows. */
async function stalledReader(url: string): Promise<string> {
  const { socket } = await openConnection(url);
  const key = keys.patients ?? '';
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.write(
    `GET /patients HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\naccept: application/x-ndjson\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  setTimeout(() => socket.resume(), endWithinMs);
  await once(socket, 'close');
  return text;
}

async function cursorOf(url: string): Promise<string> {
  const headers = { 'x-api-key': keys.patients ?? '' };
  const answer = await fetch(`${url}/patients?limit=1000&updated_since=2100-01-01T00:00:00Z`, {
    headers,
  });
  return answer.headers.get('next-cursor') ?? '';
}

/** Ids of the requests that the service read, by its log. */
function readBy(service: Run): ReadonlySet<string> {
  const lines = service
    .output()
    .stdout.matchAll(/^\{.*"requestId":"([^"]+)".*"message":"request"/gm);
  return new Set([...lines].map(([, id = '']) => id));
}

async function round(number: number) {
  const service = folder.serve(settings);
  const url = await urlOf(service);
  const wait = waiting(await cursorOf(url));
  const idle = await openConnection(url);
  const kinds = [
    page,
    page,
    page,
    { ...page, fresh: true },
    record,
    record,
    exporting(),
    wait,
    wait,
  ];
  const clients = kinds.map((kind, at) => client(url, `${number}-${kind.name}-${at}`, kind));
  const isStalled = endings > 10 && random() < stalledShare;
  const stalled = isStalled ? stalledReader(url) : undefined;
  const afterMs = random() * slowestStartMs;
  await delay(afterMs);
  const began = performance.now();
  service.process.kill('SIGTERM');
  const { status } = await service.ended;
  const tookMs = performance.now() - began;
  idle.socket.destroy();
  const asked = (await Promise.all(clients)).flat();
  const read = readBy(service);
  const faults = asked
    .filter(({ id, status: of, whole }) => (of === 0 ? read.has(id) : !whole))
    .map(({ id, status: of }) => `${id}: ${of === 0 ? 'read and not answered' : 'cut'}`);
  const odd = asked.filter(({ status: of }) => ![0, 200, 503].includes(of));
  faults.push(...odd.map(({ id, status: of }) => `${id}: ${of}`));
  if (status !== 0) faults.push(`exit status ${String(status)}`);
  if (!isStalled && tookMs > quickMs)
    faults.push(`ended after ${tookMs.toFixed(0)} ms, though nobody stalled`);
  if (tookMs > endWithinMs) faults.push(`ended after ${tookMs.toFixed(0)} ms`);
  if (isStalled && (tookMs < 7_000 || (await stalled)?.endsWith('0\r\n\r\n') === true)) {
    faults.push(`a stalled export ended after ${tookMs.toFixed(0)} ms, or looks whole`);
  }
  return {
    faults: faults.map((fault) => `round ${number}, ${afterMs.toFixed(0)} ms: ${fault}`),
    tookMs,
    isStalled,
  };
}

describe('serve', () => {
  it(
    `0 at SIGTERM within 9 s, ${endings} times under load, and every request that was read has its answer`,
    async () => {
      console.log(`SEED=${seed} repeats the moments of this run.`);
      const rounds = [];
      for (let number = 1; number <= endings; number += 1) rounds.push(await round(number));
      const times = rounds.map(({ tookMs }) => Math.round(tookMs)).sort((a, b) => a - b);
      console.log(
        `Ended after ${times[0]} to ${times.at(-1)} ms, half of them within ${times[times.length >> 1]} ms.`,
      );
      expect(rounds.flatMap(({ faults }) => faults)).toEqual([]);
    },
    30_000 + endings * 20_000,
  );
});
