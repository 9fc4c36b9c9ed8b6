/** Workers of one service: one port tells the metrics of them all. */
import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder, settingsFor, urlOf } from '../commands/processes.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { type Sample, scrape } from '../support/scrape.js';
import { keys } from '../support/service.js';

let folder: Folder;
let database: TestDatabase;
beforeEach(async () => {
  folder = await makeFolder();
  database = await createDatabase();
});
afterEach(async () => {
  await folder.remove();
  await database.drop();
});

const requests = 12;

/** On a connection of its own, so that the workers take turns. */
async function ask(url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const options = { agent: new Agent(), headers: { 'x-api-key': keys.patients ?? '' } };
    get(`${url}/patients`, options, (answer) => {
      answer.resume().once('end', resolve);
    }).once('error', reject);
  });
}

function pageCounts(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const counts = samples.filter(
    ({ name, labels }) =>
      name === 'http_server_request_duration_seconds_count' &&
      labels.hospital_operation === 'listPatients',
  );
  return new Map(counts.map(({ labels, value }) => [labels.worker ?? '', value]));
}

const workersOf = (samples: readonly Sample[]) =>
  new Set(samples.map(({ labels }) => labels.worker));
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

it('one port: each request is counted by the worker that answered it; one that hangs is left out', async () => {
  const settings = await settingsFor(folder, database.url);
  const service = folder.serve({ ...settings, WEB_CONCURRENCY: '2', METRICS_PORT: '0' });
  const url = await urlOf(service);
  const metricsUrl = await service.line(/"metricsUrl":"(http:[^"]+)"/);
  for (let asked = 0; asked < requests; asked += 1) await ask(url);
  await expect
    .poll(async () => sum([...pageCounts(await scrape(metricsUrl)).values()]))
    .toBe(requests);
  const samples = await scrape(metricsUrl);
  expect(workersOf(samples)).toEqual(new Set(['1', '2']));
  expect([...pageCounts(samples).keys()]).toEqual(['1', '2']);
  const { pid = 0 } = service.process;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const hung = Number(children.trim().split(' ')[0]);
  process.kill(hung, 'SIGSTOP');
  expect(workersOf(await scrape(metricsUrl)).size).toBe(1);
  process.kill(hung, 'SIGCONT');
  await expect.poll(async () => workersOf(await scrape(metricsUrl)).size).toBe(2);
});
