/** `npm run pipeline:local`: what it tells of feeds and tables, and that it takes with it all that it started. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../../src/producer/checkpoint.js';
import { type Folder, childrenOf, isAlive, makeFolder } from '../commands/processes.js';
import { appointment, patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';

vi.setConfig({ testTimeout: 90_000 });

const patience = { timeout: 40_000, interval: 100 };
const tsx = import.meta.resolve('tsx');
const program = fileURLToPath(new URL('../support/pipeline/main.ts', import.meta.url));

let service: TestService;
let folder: Folder;
beforeEach(async () => {
  service = await startService();
  folder = await makeFolder();
  await service.write('patients', [patient('1'), patient('2')]);
  await service.write('appointments', [appointment('1')]);
});
afterEach(async () => {
  await folder.remove();
  await service.close();
});

const start = (settings: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  folder.spawn(process.execPath, ['--import', tsx, program, ...args], {
    cwd: folder.path,
    env: {
      ...{ PATH: process.env.PATH, HOME: folder.path, TMPDIR: folder.path },
      ...{ API_KEYS_DIR: service.keysFolder, ...settings },
    },
  });

/** The cells of each line of the picture; the last tells how far the table is behind. */
function tableOf({ stdout }: { readonly stdout: string }) {
  const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  return lines.filter(([name = '']) => /^(?:patients|appointments|lab_results)$/.test(name));
}

/** How far the producer's checkpoint says that patients were published. */
async function publishedThrough(): Promise<string> {
  const [name = ''] = (await readdir(folder.path)).filter((one) => one.startsWith('hospital-pipe'));
  const text = await readFile(join(folder.path, name, 'checkpoint.json'), 'utf8').catch(() => '');
  if (text === '') return '';
  const { feeds } = JSON.parse(text) as Checkpoint;
  return feeds.appointments === undefined ? '' : (feeds.patients?.publishedThrough ?? '');
}

it('ends by SIGTERM with tables that equal the feeds, and nothing of it is left', async () => {
  const run = start({ DATABASE_URL: service.database.url });
  await expect.poll(publishedThrough, patience).toMatch(/^2/);
  const children = await childrenOf(run);
  expect(children).toHaveLength(2);
  await delay(1_000);
  run.process.kill('SIGTERM');
  const ended = await run.ended;
  expect(tableOf(ended)).toEqual([
    ['patients', '2', '2', '0', '0', 'level'],
    ['appointments', '1', '1', '0', '0', 'level'],
    ['lab_results', '0', '0', '0', '0', 'level'],
  ]);
  expect(ended).toMatchObject({ status: 0 });
  expect(children.filter(isAlive)).toEqual([]);
  expect(await readdir(folder.path)).not.toContainEqual(
    expect.stringMatching(/^(hospital|\.local)/),
  );
});

it('tells how far a table is behind whose producer stands still', async () => {
  const run = start({ SERVICE_URL: service.url });
  await expect.poll(publishedThrough, patience).toMatch(/^2/);
  const [producer = 0] = await childrenOf(run);
  process.kill(producer, 'SIGSTOP');
  try {
    await delay(2_000);
    await service.write('patients', [patient('3')]);
    await delay(2_000);
    run.process.kill('SIGTERM');
    await run.line(/lab_results/);
  } finally {
    process.kill(producer, 'SIGCONT');
  }
  const [patients] = tableOf(await run.ended);
  expect(patients?.slice(0, 2)).toEqual(['patients', '2']);
  expect(patients?.at(-1)).toMatch(/^\d+ s$/);
});

it('--once ends by itself when the tables equal the feeds', async () => {
  const ended = await start({ SERVICE_URL: service.url }, '--once').ended;
  expect(ended).toMatchObject({ status: 0 });
  expect(tableOf(ended).map(([name, rows]) => [name, rows])).toEqual([
    ['patients', '2'],
    ['appointments', '1'],
    ['lab_results', '0'],
  ]);
});
