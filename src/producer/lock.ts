/** One process at a time, told by sockets that the kernel closes however their process ends. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { type Server, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, ProducerFault } from './producer-fault.js';

export interface Lock {
  release(): Promise<void>;
}

/** What a socket's address may hold, less the number behind it. */
const longestPath = 95;

/**
 * Locks are numbered sockets. Whoever listens on one, and then finds no other alive, has it: of two that come at the
 * same time at least one sees the other. A dead one is outnumbered, and taken away by its follower.
 * @throws ProducerFault while another process has it
 */
export async function takeLock(file: string): Promise<Lock> {
  const base = basePathOf(file);
  await mkdir(dirname(base), { recursive: true });
  for (;;) {
    const before = await numbers(base);
    if (await isAnyAlive(base, before)) throw busy(file);
    const own = Math.max(0, ...before) + 1;
    const server = await listen(`${base}.${own}`);
    if (server === undefined) continue;
    const others = (await numbers(base)).filter((number) => number !== own);
    if (!(await isAnyAlive(base, others))) {
      await Promise.all(others.map((number) => rm(`${base}.${number}`, { force: true })));
      return { release: () => close(server) };
    }
    await close(server);
  }
}

function busy(file: string): ProducerFault {
  return new ProducerFault(
    'busy',
    `another producer works on ${file}: end it first, or give this one a checkpoint of its own with CHECKPOINT`,
  );
}

/** Beside the file where its path is short enough; otherwise every process of this machine finds the same place. */
function basePathOf(file: string): string {
  const beside = `${resolve(file)}.lock`;
  if (Buffer.byteLength(beside) <= longestPath) return beside;
  const name = createHash('sha256').update(resolve(file)).digest('hex').slice(0, 16);
  return join(tmpdir(), `hospital-producer-${name}.lock`);
}

async function numbers(base: string): Promise<readonly number[]> {
  const prefix = `${basename(base)}.`;
  const names = await readdir(dirname(base));
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter(Number.isInteger);
}

async function isAnyAlive(base: string, candidates: readonly number[]): Promise<boolean> {
  const alive = await Promise.all(candidates.map((number) => isAlive(`${base}.${number}`)));
  return alive.includes(true);
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((settle, reject) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.on('error', (error) => {
      if (['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')) settle(false);
      else reject(error);
    });
  });
}

/** Nothing when another process has the number. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((settle, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', (error) => {
      if (codeOf(error) === 'EADDRINUSE') settle(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      // It tells of the process, and is no reason for it to go on.
      server.unref();
      settle(server);
    });
  });
}

/** The socket's file goes with it. */
function close(server: Server): Promise<void> {
  return new Promise((settle) => {
    server.close(() => {
      settle();
    });
  });
}
