/** A run of tests that is ended from outside leaves no process and no file behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive } from './commands/processes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ended-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

/** Of each PostgreSQL whose data are below the folder. */
async function postmasters(): Promise<readonly number[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const files = entries.filter((entry) => basename(entry) === 'postmaster.pid');
  const texts = await Promise.all(
    files.map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
  );
  return texts.map((text) => Number.parseInt(text, 10)).filter((pid) => pid > 1);
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'nothing is left of a run that is ended by %s',
  { timeout: 180_000 },
  async (signal) => {
    const args = ['run', '--project=process', 'tests/commands/serve'];
    const run = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
      env: { ...process.env, TMPDIR: folder, VITEST: undefined },
      stdio: 'ignore',
    });
    const ended = once(run, 'exit');
    // The run's own, and the one of a service that a test has started.
    await expect.poll(postmasters, { timeout: 90_000 }).toHaveLength(2);
    const pids = await postmasters();
    run.kill(signal);
    await ended;
    const left = async () => (await readdir(folder)).filter((name) => name.startsWith('hospital-'));
    await expect.poll(left, { timeout: 60_000 }).toEqual([]);
    expect(pids.filter(isAlive)).toEqual([]);
  },
);
