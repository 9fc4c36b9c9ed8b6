/** The services that are compared, each a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folder, key, root } from './folder.js';
import type { Toolchain } from './toolchain.js';

export interface Contender {
  readonly name: string;
  readonly program: string;
  readonly parameters: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Server {
  readonly name: string;
  readonly origin: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const service = join(root, 'dist/main.js');
const counting = join(root, 'bench/counting.js');
const giveUpMs = 20_000;

export function peersOf({ node24 = process.execPath, python }: Toolchain) {
  const peer = (name: string, file: string): Contender => ({
    name,
    program: node24,
    parameters: [join(root, 'bench/peers', file)],
  });
  return {
    bare: peer('bare node:http', 'bare-http.js'),
    express: peer('Express alone', 'express-alone.js'),
    fastify: peer('Fastify + pg', 'fastify-rows.js'),
    flask: python === undefined ? undefined : flask(python),
  };
}

/** Whether the service can have several worker processes. */
export const hasWorkers = readFileSync(join(root, 'docs/configuration.md'), 'utf8').includes(
  'WEB_CONCURRENCY',
);

/** @param workers processes that answer */
export function serviceOn(name: string, program: string, workers = 1): Contender {
  return {
    name,
    program,
    parameters: ['--import', counting, service],
    env: {
      // The peers refuse nobody either, and record no accesses.
      ...{ NODE_ENV: 'production', RATE_LIMIT: 'off', MAX_IN_FLIGHT: '64', AUDIT_LOG: 'off' },
      WEB_CONCURRENCY: String(workers),
    },
  };
}

function flask(python: string): Contender {
  return {
    name: 'Flask + gunicorn, 2 workers',
    program: join(python, 'gunicorn'),
    parameters: ['--workers=2', '--threads=4', '--access-logfile=-', 'flask_service:app'],
    env: { PYTHONPATH: join(root, 'bench/peers') },
  };
}

export async function start(
  contender: Contender,
  { databaseUrl, path }: { readonly databaseUrl: string; readonly path: string },
): Promise<Server> {
  const port = await freePort();
  const { name, program, parameters } = contender;
  const address = program.endsWith('gunicorn') ? [`--bind=127.0.0.1:${port}`] : [];
  const child = spawn(program, [...parameters, ...address], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, API_KEYS_DIR: join(folder, 'keys') },
      ...{ HOST: '127.0.0.1', PORT: String(port), COUNT_FILE: join(folder, `count-${port}`) },
      ...contender.env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(name, child, `${origin}${path}`);
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  return { name, origin, process: child, stop };
}

async function untilReady(name: string, child: ChildProcess, url: string): Promise<void> {
  const started = performance.now();
  for (;;) {
    const status = await fetch(url, { headers: { 'x-api-key': key } }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => undefined,
    );
    if (status === 200) return;
    if (child.exitCode !== null || performance.now() - started > giveUpMs) {
      child.kill();
      throw new Error(`${name} does not answer ${url} (${status ?? 'no connection'})`);
    }
    await delay(20);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  // A server that listens on a TCP port has an address of this form.
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
