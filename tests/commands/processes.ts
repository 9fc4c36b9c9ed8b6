/** The built programs as processes of their own, each in a folder of the test's own; all end with the test. */
import { type ChildProcess, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keepKeys } from '../support/printed.js';
import { keys } from '../support/service.js';

export interface Run {
  readonly process: ChildProcess;
  /** What it wrote so far. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<Ended>;
  /** Waits for a line on standard output; its first group, or all of it. */
  line(pattern: RegExp): Promise<string>;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Folder {
  readonly path: string;
  /** The service, which a free port is given unless `env` names one. */
  serve(env?: Environment): Run;
  /** `hospital-api` with these arguments, to its end. */
  command(args: readonly string[], env?: Environment): Promise<Ended>;
  run(program: string, args: readonly string[], env?: Environment): Run;
  /** Any command, as it is told. */
  spawn(command: string, args: readonly string[], options: SpawnOptionsWithoutStdio): Run;
  write(name: string, text: string): Promise<string>;
  /** Ends what was started here, an embedded server among it, and removes the folder. */
  remove(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
export const programs = {
  main: join(dist, 'main.js'),
  hospitalApi: join(dist, 'commands/hospital-api.js'),
} as const;

const lineWithinMs = 30_000;
const endWithinMs = 8_000;

export async function makeFolder(): Promise<Folder> {
  if (!Object.values(programs).every((program) => existsSync(program))) {
    throw new Error('dist/ is missing: `npm test` builds it, and so does `npm run build`');
  }
  const path = await mkdtemp(join(tmpdir(), 'hospital-command-'));
  // Run by root, the embedded server has another account, which must be able to enter.
  await chmod(path, 0o755);
  const runs: Run[] = [];
  const spawnHere: Folder['spawn'] = (command, args, options) => {
    const started = start(command, args, options);
    runs.push(started);
    return started;
  };
  const { PATH = '' } = process.env;
  const run: Folder['run'] = (program, args, env = {}) =>
    spawnHere(process.execPath, [program, ...args], {
      cwd: path,
      env: { PATH, HOME: path, ...env },
    });
  return {
    path,
    run,
    spawn: spawnHere,
    serve: (env = {}) => run(programs.main, [], { PORT: '0', ...env }),
    command: (args, env) => run(programs.hospitalApi, args, env).ended,
    write: async (name, text) => {
      await writeFile(join(path, name), text);
      return join(path, name);
    },
    remove: async () => {
      await Promise.all(runs.map(end));
      await endOrphan(path);
      await keepKeys(join(path, '.local', 'keys'));
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** A folder of keys and the settings for a service on this database. */
export async function settingsFor(folder: Folder, databaseUrl: string): Promise<Environment> {
  const keysFolder = join(folder.path, 'keys');
  await mkdir(keysFolder, { recursive: true });
  for (const [name, key] of Object.entries(keys)) {
    await folder.write(join('keys', `${name}_api_key`), key);
  }
  return { DATABASE_URL: databaseUrl, API_KEYS_DIR: keysFolder };
}

export function urlOf(run: Run): Promise<string> {
  return run.line(/^\{.*"url":"(http:[^"]+)".*"message":"listening"\}$/m);
}

/** The processes that it started and that run. */
export async function childrenOf({ process: { pid = 0 } }: Run): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

export function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function start(command: string, args: readonly string[], options: SpawnOptionsWithoutStdio): Run {
  const child = spawn(command, args, options);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => {
      resolve({ status, ...texts });
    });
  });
  return {
    process: child,
    output: () => ({ ...texts }),
    ended,
    line: async (pattern) => {
      const deadlineMs = performance.now() + lineWithinMs;
      for (;;) {
        const found = pattern.exec(texts.stdout);
        if (found !== null) return found[1] ?? found[0];
        const isOver = child.exitCode !== null || performance.now() > deadlineMs;
        if (isOver) throw new Error(`no ${String(pattern)} in ${texts.stdout}${texts.stderr}`);
        await delay(10);
      }
    },
  };
}

async function end({ process: child }: Run): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
  await exited;
  clearTimeout(late);
}

/** The embedded server that a killed service left running. */
async function endOrphan(path: string): Promise<void> {
  const file = join(path, '.local/postgres/cluster/data/postmaster.pid');
  const [line] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(line);
  if (!(pid > 1)) return;
  signal(pid, 'SIGQUIT');
  for (let waits = 0; waits < 100 && signal(pid, 0); waits += 1) await delay(50);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // It is gone.
    return false;
  }
}
