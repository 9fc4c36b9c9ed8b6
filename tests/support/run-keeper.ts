/**
 * Keeps the PostgreSQL of a run of tests in a folder, until its standard input ends: with the run, however that ended.
 * Then it ends whatever still works below that folder, where all temporary files of the run are, and removes it.
 */
import { once } from 'node:events';
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openEmbedded } from '../../src/db/embedded/embedded.js';

const [, , folder = ''] = process.argv;
const server = await openEmbedded({ folder: join(folder, 'postgres'), role: 'command' });
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await endProcesses();
await server.close();
await rm(folder, { recursive: true, force: true, maxRetries: 5 });

/** Services and commands first, which would wait for their PostgreSQL; then every PostgreSQL but the one of the run. */
async function endProcesses(): Promise<void> {
  const own = await postmasterOf(join(folder, 'postgres'));
  const postmasters = (await postmasterOf(folder)).filter((pid) => !own.includes(pid));
  const others = await workingBelow();
  for (const pid of others) send(pid, 'SIGKILL');
  for (const pid of postmasters) send(pid, 'SIGQUIT');
  while (postmasters.some((pid) => send(pid, 0))) await delay(20);
}

/** By the files that servers with data below a folder keep. */
async function postmasterOf(below: string): Promise<readonly number[]> {
  const entries = await readdir(below, { recursive: true });
  const files = entries.filter((entry) => basename(entry) === 'postmaster.pid');
  const texts = await Promise.all(
    files.map((file) => readFile(join(below, file), 'utf8').catch(() => '')),
  );
  return texts.map((text) => Number.parseInt(text, 10)).filter((pid) => pid > 1);
}

/** Other programs than PostgreSQL, which takes its own processes with it. */
async function workingBelow(): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 1);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const place = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return `${place}${sep}`.startsWith(`${folder}${sep}`) && !command.includes('postgres')
        ? [pid]
        : [];
    }),
  );
  return found.flat();
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It is gone.
    return false;
  }
}
