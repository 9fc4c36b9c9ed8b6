/** The built service as a process of its own, on a database that the bench gives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readContract } from '../src/contract/contract.js';
import { openStore } from '../src/store.js';
import { patient } from '../tests/support/records.js';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const readyWithinMs = 60_000;
const secrets = ['patients_api_key', 'appointments_api_key', 'lab_results_api_key'];

/** The valid key of each collection. */
export const benchKey = 'key-of-the-bench-0123456789';

export interface BuiltService {
  readonly url: string;
  readonly process: ChildProcess;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Writes the keys into the folder that `startBuilt` is given. */
export async function writeBenchKeys(folder: string): Promise<void> {
  for (const secret of secrets) await writeFile(join(folder, secret), benchKey);
}

/** Stores so many patients of one source. */
export async function fillPatients(databaseUrl: string, count: number): Promise<void> {
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const store = await openStore({ url: databaseUrl, contract: readContract(), log });
  const load = await store.startLoad({ source: 'ehr', files: [] });
  const all = Array.from({ length: count }, (_, at) => patient(`r${at}`));
  await store.inBatch('patients', load, (batch) => batch.write(all));
  await store.close();
}

/** @param env beside the database and the keys */
export async function startBuilt(
  folder: string,
  databaseUrl: string,
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<BuiltService> {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: {
      ...{ PATH, DATABASE_URL: databaseUrl, API_KEYS_DIR: folder, PORT: String(port) },
      ...{ LOG_LEVEL: 'warn', RESPONSE_CHECK: 'off', ...env },
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const deadlineMs = performance.now() + readyWithinMs;
  while (!(await isLive(url))) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
    if (performance.now() > deadlineMs) throw new Error('the service does not answer');
    await delay(20);
  }
  return {
    url,
    process: child,
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

const liveWithinMs = 2_000;

async function isLive(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`, { signal: AbortSignal.timeout(liveWithinMs) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  // A server that listens on a TCP port has an address of this form.
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
