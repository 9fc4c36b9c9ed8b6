/** PostgreSQL restarted and paused under load: 503 while it is away, 200 right after. RESTARTS says how often. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, type Server, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type EmbeddedServer, openEmbedded } from '../../src/db/embedded/embedded.js';
import { openStore } from '../../src/store.js';
import { patient } from '../support/records.js';
import { openConnection } from '../support/raw-connection.js';
import { keys, silent } from '../support/service.js';
import { startLoad } from './load.js';
import { type Folder, type Run, makeFolder, settingsFor, urlOf } from './processes.js';

const restarts = Number(process.env.RESTARTS ?? 2);
const pageful = '/patients?limit=50';

let place: string;
let server: EmbeddedServer;
let line: Server;
let folder: Folder;
let service: Run;
let url: string;
const lineUrl = () => {
  const through = new URL(server.url);
  through.port = String((line.address() as AddressInfo).port);
  return through.href;
};

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'hospital-restarts-'));
  await chmod(place, 0o755);
  server = await openEmbedded({ folder: join(place, 'postgres'), role: 'command' });
  // One address whatever port the server gets, as a name of a failover would be.
  line = createServer((near) => {
    const far = connect(Number(new URL(server.url).port), '127.0.0.1');
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  folder = await makeFolder();
  service = folder.serve({ ...(await settingsFor(folder, lineUrl())), LOG_LEVEL: 'info' });
  url = await urlOf(service);
});
afterAll(async () => {
  await folder.remove();
  line.close();
  await server.close();
  await rm(place, { recursive: true, force: true });
});

async function write(change: number): Promise<void> {
  const store = await openStore({ url: server.url, contract: readContract(), log: silent });
  const load = await store.startLoad({ source: 'ehr', files: [] });
  const all = Array.from({ length: 50 }, (_, at) =>
    patient(`r${at}`, { family_name: `F${change}` }),
  );
  await store.inBatch('patients', load, (batch) => batch.write(all));
  await store.close();
}

const headers = { 'x-api-key': keys.patients ?? '' };

interface Version {
  readonly patient_id: string;
  readonly version: number;
}

/** Follows the feed by its cursors, whatever is refused meanwhile, and keeps the newest state of each record. */
function follow() {
  const latest = new Map<string, number>();
  const outOfOrder: Version[] = [];
  const statuses = new Set<number>();
  let cursor = '';
  const ending = new AbortController();
  const step = async () => {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const answer = await fetch(`${url}/patients?limit=20${query}`, { headers });
    statuses.add(answer.status);
    if (answer.status !== 200) return delay(50);
    const records = (await answer.json()) as Version[];
    for (const { patient_id, version } of records) {
      // Of two changes between two pages only the newer is there to be seen.
      if (version <= (latest.get(patient_id) ?? 0)) outOfOrder.push({ patient_id, version });
      latest.set(patient_id, version);
    }
    cursor = encodeURIComponent(decodeURIComponent(answer.headers.get('next-cursor') ?? ''));
    if (records.length === 0) await delay(20);
  };
  const going = (async () => {
    while (!ending.signal.aborted) await step();
  })();
  return {
    latest: () => Object.fromEntries([...latest].sort()),
    outOfOrder,
    statuses,
    end: async () => {
      ending.abort();
      await going;
    },
  };
}

/** What a follower knows that lost nothing: each record as it was written last. */
function latestAfter(changes: number): Readonly<Record<string, number>> {
  const ids = Array.from({ length: 50 }, (_, at) => `ehr:Patient:r${at}`);
  return Object.fromEntries(ids.sort().map((id) => [id, changes + 1]));
}

async function untilAnswered(): Promise<number> {
  const began = performance.now();
  for (;;) {
    const connection = await openConnection(url);
    const { status } = await connection.ask(pageful, headers);
    connection.socket.destroy();
    if (status === 200) return performance.now() - began;
    await delay(20);
  }
}

describe('PostgreSQL under load', () => {
  it(
    `restarted ${restarts} times: 200 or 503, back within 10 s, no state lost or repeated`,
    async () => {
      await write(0);
      const follower = follow();
      const load = startLoad(url, Array<string>(6).fill(pageful));
      for (let restart = 1; restart <= restarts; restart += 1) {
        await delay(300);
        await server.close();
        await delay(200);
        server = await openEmbedded({ folder: join(place, 'postgres'), role: 'command' });
        expect(await untilAnswered()).toBeLessThan(10_000);
        await write(restart);
      }
      await expect
        .poll(() => follower.latest(), { timeout: 10_000 })
        .toEqual(latestAfter(restarts));
      await load.end();
      await follower.end();
      expect(follower.outOfOrder).toEqual([]);
      const statuses = new Set([
        ...load.outcomes.map(({ status }) => status),
        ...follower.statuses,
      ]);
      expect([...statuses].sort()).toEqual([200, 503]);
      expect(service.process.exitCode).toBeNull();
    },
    60_000 + restarts * 10_000,
  );
});
