/** A hospital's whole extract, where one is at hand, all the way from files to tables. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type Folder, makeFolder, settingsFor, urlOf } from '../commands/processes.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { keys } from '../support/service.js';
import { type Sink, createSink } from '../support/sink/sink.js';

const extract = fileURLToPath(new URL('../../../shared/data/fhir', import.meta.url));
const isHere = existsSync(extract);
const { collections } = readContract();

describe.skipIf(!isHere)('a real extract', { timeout: 120_000 }, () => {
  let folder: Folder;
  let database: TestDatabase;
  let pubsub: PubSubServer;
  let sink: Sink;
  let settings: Readonly<Record<string, string>>;
  let url: string;

  beforeAll(async () => {
    folder = await makeFolder();
    database = await createDatabase();
    pubsub = await startPubSub();
    const names = collections.map(({ name }) => name);
    sink = createSink({ broker: pubsub.broker, project: 'hospital', collections: names });
    const own = await settingsFor(folder, database.url);
    await folder.command(['import', '--quiet', extract], own);
    url = await urlOf(folder.serve(own));
    settings = {
      ...{ SERVICE_URL: url, PUBSUB_PROJECT: 'hospital', PUBSUB_EMULATOR_HOST: pubsub.host },
      ...{ API_KEYS_DIR: own.API_KEYS_DIR ?? '' },
    };
  });
  afterAll(async () => {
    pubsub.stop();
    await folder.remove();
    await database.drop();
  });

  it('arrives record by record in tables of the generated schemas', async () => {
    const { status, stderr } = await folder.command(['produce', '--once'], settings);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(sink.deadLetters).toEqual([]);
    const counts = new Map<string, number>();
    for (const { name, idField, listPath } of collections) {
      const answer = await fetch(`${url}${listPath}`, {
        headers: { 'x-api-key': keys[name] ?? '', accept: 'application/x-ndjson' },
      });
      const lines = (await answer.text()).trimEnd().split('\n');
      const feed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const rows = sink.table(name).rows();
      counts.set(name, rows.size);
      expect(feed.map((record) => rows.get(String(record[idField])))).toEqual(feed);
    }
    expect(Object.fromEntries(counts)).toEqual({
      patients: 50,
      appointments: 1_727,
      lab_results: 3_794,
    });
  });

  it('is not published twice', async () => {
    const before = collections.map(({ name }) => ({ ...sink.table(name).counts }));
    expect((await folder.command(['produce', '--once'], settings)).status).toBe(0);
    expect(collections.map(({ name }) => sink.table(name).counts)).toEqual(before);
    const { stdout } = await folder.command(['produce', '--status'], settings);
    expect(stdout.match(/nothing waits/g)).toHaveLength(3);
  });
});
