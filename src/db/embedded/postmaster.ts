/** The server's process: finds one that runs on the data, starts one, stops one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.js';
import type { Place } from './place.js';
import {
  cannotRun,
  EmbeddedError,
  errorCode,
  spawnIdentity,
  programEnvironment,
  runProgram,
  undefinedOn,
  workingFolder,
} from './program.js';

export interface Postmaster {
  readonly pid: number;
  /** Undefined while it is starting. */
  readonly port: number | undefined;
}

const pollMs = 10;
const stopWithinMs = 60_000;
const maxLogBytes = 8 * 1024 * 1024;

/** The running server. What a crashed machine or container left behind is put aside: its pid may be another program's now. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const file = path.join(cluster, 'data', 'postmaster.pid');
  const text = await undefinedOn(['ENOENT'], readFile(file, 'utf8'));
  if (text === undefined) return undefined;
  const [pid, data, , port, , , , status] = text.split('\n').map((line) => line.trim());
  if (!/^\d+$/.test(pid ?? '')) return undefined;
  const isOthers = await isOfOtherFolder(path.dirname(file), data, pid);
  if (!isOthers && (await isServerProcess(Number(pid)))) {
    return { pid: Number(pid), port: status === 'ready' ? Number(port) : undefined };
  }
  const again = await undefinedOn(['ENOENT'], readFile(file, 'utf8'));
  if (again === text) await undefinedOn(['ENOENT'], rename(file, `${file}.stale`));
  return undefined;
}

/**
 * Starts a server, in a session of its own that Ctrl-C does not reach, and waits until it answers.
 * @returns its pid, or why it ended before that
 */
export async function startPostmaster(place: Place, binaries: Binaries): Promise<number | string> {
  const log = await openLog(place.cluster);
  try {
    const logStart = (await log.stat()).size;
    const args = serverArguments(place.cluster, await findFreePort());
    const child = spawn(binaries.postgres, args, {
      cwd: workingFolder,
      env: programEnvironment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...spawnIdentity(place.account),
    });
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error));
    child.unref();
    for (;;) {
      await delay(pollMs);
      if (failure !== undefined) throw cannotRun(binaries.postgres, place.account, failure);
      if (child.exitCode !== null || child.signalCode !== null)
        return await startError(log, logStart);
      const running = await findPostmaster(place.cluster);
      if (running !== undefined && running.pid === child.pid && running.port !== undefined) {
        return running.pid;
      }
    }
  } finally {
    await log.close();
  }
}

/** PostgreSQL's fast shutdown: ends sessions, writes everything out. */
export async function stopPostmaster(cluster: string): Promise<void> {
  const running = await findPostmaster(cluster);
  if (running === undefined) return;
  process.kill(running.pid, 'SIGINT');
  const deadline = Date.now() + stopWithinMs;
  while ((await findPostmaster(cluster))?.pid === running.pid) {
    if (Date.now() > deadline) {
      throw new EmbeddedError(
        `the embedded PostgreSQL (pid ${running.pid}) does not stop: see ${path.join(cluster, 'log')}`,
      );
    }
    await delay(pollMs);
  }
}

/** Messages name no values and no statements, so that nothing of a patient gets into the log. */
function serverArguments(cluster: string, port: number): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    'log_destination=stderr',
    'log_error_verbosity=terse',
    'log_min_error_statement=panic',
  ];
  const data = path.join(cluster, 'data');
  return ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
}

/** Links are not followed: root writes here in a folder that another account may write to. */
async function openLog(cluster: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const log = await open(path.join(cluster, 'log'), flags, 0o600);
  const folder = await open(cluster, constants.O_RDONLY);
  const { uid, gid } = await folder.stat().finally(() => folder.close());
  const { size, uid: owner } = await log.stat();
  if (owner !== uid) await log.chown(uid, gid);
  if (size > maxLogBytes) await log.truncate();
  return log;
}

async function startError(log: FileHandle, from: number): Promise<string> {
  const { size } = await log.stat();
  const { buffer } = await log.read(Buffer.alloc(size - from), 0, size - from, from);
  const lines = buffer.toString().trim().split('\n');
  return lines.find((line) => line.includes('FATAL:')) ?? lines.at(-1) ?? '';
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/**
 * Whether the file was copied with its folder, so that the server is the original's. Of a folder that was moved while its
 * server runs this does not hold: a second server on the same data would destroy them.
 */
async function isOfOtherFolder(own: string, data: string | undefined, pid: string | undefined) {
  if (data === undefined || data === '') return false;
  const missing = ['ENOENT', 'ENOTDIR', 'EACCES'];
  const [ours, theirs] = [await stat(own), await undefinedOn(missing, stat(data))];
  if (theirs === undefined || (ours.ino === theirs.ino && ours.dev === theirs.dev)) return false;
  const text = await undefinedOn(missing, readFile(path.join(data, 'postmaster.pid'), 'utf8'));
  return text?.split('\n')[0]?.trim() === pid;
}

async function isServerProcess(pid: number): Promise<boolean> {
  return isAlive(pid) && (await readCommand(pid)).includes('postgres');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Empty for a process that has ended and only waits to be noticed by its parent. */
async function readCommand(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return (await undefinedOn(['ENOENT', 'ESRCH'], readFile(`/proc/${pid}/cmdline`, 'utf8'))) ?? '';
  }
  const { output } = await runProgram('/bin/ps', ['-o', 'command=', '-p', String(pid)], undefined);
  return output;
}
