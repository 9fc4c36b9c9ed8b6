/**
 * Producers that are killed while everything around them fails: at the end the tables equal the feeds, and what was sent
 * twice was on its way when a producer died. ROUNDS (10; `npm run lab -- torture:produce` takes 100).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { maxPagesInFlight } from '../../src/producer/publish-feed.js';
import { type Folder, makeFolder, programs } from '../commands/processes.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { appointment, labResult, patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';
import { type Sink, createSink } from '../support/sink/sink.js';

const rounds = Number(process.env.ROUNDS ?? 10);
const { collections } = readContract();
const ids = Array.from({ length: 300 }, (_, index) => String(index));

let service: TestService;
let pubsub: PubSubServer;
let sink: Sink;
let folder: Folder;
beforeAll(async () => {
  service = await startService();
  pubsub = await startPubSub();
  const names = collections.map(({ name }) => name);
  sink = createSink({ broker: pubsub.broker, project: 'hospital', collections: names });
  folder = await makeFolder();
});
afterAll(async () => {
  await folder.remove();
  pubsub.stop();
  await service.close();
});

/** Each page carries a traceparent of its own, by which a request that was repeated is told from a page that was. */
function watchPages() {
  const changes = new Set<string>();
  const seen = new Set<string>();
  const lastPages = new Map<string, { traceparent: string; messages: number }[]>();
  let repeated = 0;
  pubsub.broker.observers.add((messages) => {
    for (const { data, attributes } of messages) {
      const { collection = '', traceparent = '' } = attributes;
      const change = `${collection} ${/_CHANGE_SEQUENCE_NUMBER":"([^"]+)"/.exec(data.toString())?.[1] ?? ''}`;
      if (seen.has(`${traceparent} ${change}`)) continue;
      seen.add(`${traceparent} ${change}`);
      if (changes.has(change)) repeated += 1;
      changes.add(change);
      const last = lastPages.get(collection) ?? [];
      const page = last.find((one) => one.traceparent === traceparent);
      if (page === undefined) last.push({ traceparent, messages: 1 });
      else page.messages += 1;
      lastPages.set(collection, last.slice(-maxPagesInFlight));
    }
  });
  return {
    changes,
    repeated: () => repeated,
    /** Of the pages that each collection was at; counted once. */
    takeInFlight: () => {
      const messages = [...lastPages.values()].flat().reduce((sum, page) => sum + page.messages, 0);
      lastPages.clear();
      return messages;
    },
  };
}

function worsen(): void {
  const share = (most: number) => (Math.random() < 0.5 ? 0 : Math.random() * most);
  const { faults } = pubsub;
  faults.refuse = share(0.4);
  faults.lose = share(0.4);
  faults.drop = share(0.2);
  faults.delayMs = share(200);
  faults.duplicate = share(0.3);
  faults.reorder = share(0.5);
}

function mend(): void {
  const none = { refuse: 0, lose: 0, drop: 0, delayMs: 0, duplicate: 0, reorder: 0 };
  Object.assign(pubsub.faults, none);
}

async function change(round: number): Promise<void> {
  const some = ids.filter(() => Math.random() < 0.4);
  const name = `Round ${round}`;
  await service.write(
    'patients',
    some.map((id) => patient(id, { name })),
  );
  await service.write(
    'appointments',
    some.map((id) => appointment(id, { reason: name })),
  );
  await service.write(
    'lab_results',
    some.map((id) => labResult(id, { note: name })),
  );
}

it(
  `${rounds} rounds of kill -9: tables equal feeds, and repeats were in flight`,
  async () => {
    const settings = {
      ...{ SERVICE_URL: service.url, PUBSUB_PROJECT: 'hospital', API_KEYS_DIR: service.keysFolder },
      ...{ PUBSUB_EMULATOR_HOST: pubsub.host },
    };
    const pages = watchPages();
    let inFlight = 0;
    for (let round = 1; round <= rounds; round += 1) {
      worsen();
      const run = folder.run(programs.hospitalApi, ['produce', '--quiet'], settings);
      const before = pages.changes.size;
      await change(round);
      if (round % 5 === 0) await service.restart();
      if (round % 7 === 0) {
        pubsub.stop();
        await delay(100);
        await pubsub.start();
      }
      // Most die while they publish, some before that.
      const until = performance.now() + 20_000;
      while (pages.changes.size === before && performance.now() < until) await delay(5);
      await delay(Math.random() * 300);
      expect(run.process.exitCode, run.output().stderr).toBeNull();
      run.process.kill('SIGKILL');
      await run.ended;
      inFlight += pages.takeInFlight();
    }
    mend();
    const last = await folder.command(['produce', '--once', '--quiet'], settings);
    expect(last).toMatchObject({ status: 0 });
    console.log(
      `${rounds} rounds: ${pages.changes.size} changes published, ${pages.repeated()} of them twice; ${inFlight} were in flight`,
    );
    expect(sink.deadLetters).toEqual([]);
    expect(inFlight).toBeGreaterThan(0);
    expect(pages.repeated()).toBeLessThanOrEqual(inFlight);
    for (const { name, idField, listPath } of collections) {
      const answer = await fetch(`${service.url}${listPath}`, {
        headers: { 'x-api-key': keys[name] ?? '', accept: 'application/x-ndjson' },
      });
      const lines = (await answer.text()).trimEnd().split('\n');
      const feed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const rows = sink.table(name).rows();
      expect(rows.size).toBe(feed.length);
      expect(feed.map((record) => rows.get(String(record[idField])))).toEqual(feed);
    }
  },
  rounds * 30_000,
);
