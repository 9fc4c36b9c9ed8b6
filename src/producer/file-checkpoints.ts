/** A checkpoint in a file: replaced whole, on disk before it counts, and written by one process at a time. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type Checkpoints, parseCheckpoint, textOfCheckpoint } from './checkpoint.js';
import { codeOf, ProducerError } from './producer-error.js';

/** @throws ProducerError when another producer has it, it cannot be written, or is no checkpoint */
export async function openFileCheckpoints(path: string): Promise<Checkpoints> {
  const file = resolve(path);
  await explainErrors(file, () => mkdir(dirname(file), { recursive: true }));
  const lock = await explainErrors(file, () => takeLock(file));
  try {
    let present = await readText(file);
    const saved = present === undefined ? undefined : parseCheckpoint(present, file);
    // Whether it can be written is known before the first message goes out.
    if (present !== undefined) await replace(file, present);
    else await explainErrors(dirname(file), () => syncFolder(file));
    return {
      saved,
      save: async (checkpoint) => {
        // A lock ends at the machine, or where a file system has no sockets; the file itself shows other writers.
        if ((await readText(file)) !== present) throw changedError(file);
        const text = textOfCheckpoint(checkpoint);
        await replace(file, text);
        present = text;
      },
      close: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What a checkpoint holds, without taking it. */
export async function peekFileCheckpoint(path: string) {
  const text = await readText(resolve(path));
  return text === undefined ? undefined : parseCheckpoint(text, path);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unwritableError(file, error);
  }
}

async function replace(file: string, text: string): Promise<void> {
  await explainErrors(file, async () => {
    const beside = `${file}.new`;
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
    await syncFolder(file);
  });
}

/** The new name is on disk only with its folder. */
async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function explainErrors<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ProducerError ? error : unwritableError(file, error);
  }
}

function unwritableError(file: string, error: unknown): ProducerError {
  return new ProducerError(
    'unwritable',
    `the checkpoint ${file} cannot be written (${codeOf(error) ?? String(error)}): let the producer's account write the file and its folder, or name another with CHECKPOINT. What was published since it was last written is published again, which does no harm`,
  );
}

function changedError(file: string): ProducerError {
  return new ProducerError(
    'busy',
    `${file} was changed by another process: run one producer with it, or give each a checkpoint of its own with CHECKPOINT`,
  );
}

export interface Lock {
  release(): Promise<void>;
}

/** What a socket's address may hold, less the number behind it. */
const longestPath = 95;

/**
 * Locks are numbered sockets. Whoever listens on one, and then finds no other alive, has it: of two that come at the
 * same time at least one sees the other. A dead one is outnumbered, and taken away by its follower.
 * @throws ProducerError while another process has it
 */
export async function takeLock(file: string): Promise<Lock> {
  const base = basePathOf(file);
  await mkdir(dirname(base), { recursive: true });
  for (;;) {
    const before = await numbers(base);
    if (await isAnyAlive(base, before)) throw busyError(file);
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

function busyError(file: string): ProducerError {
  return new ProducerError(
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
      // It marks the process, and must not keep it running.
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
