/** A PostgreSQL that can be crashed and comes back behind the same address. */
import { readFile } from 'node:fs/promises';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { openEmbedded } from '../../src/db/embedded/embedded.js';

export interface CrashingDatabase {
  readonly url: string;
  query(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends it as a power cut would, and starts it again. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export async function openCrashing(folder: string): Promise<CrashingDatabase> {
  let server = await openEmbedded({ folder, role: 'command' });
  const line = createServer((near) => {
    const far = connect(Number(new URL(server.url).port), '127.0.0.1');
    joined(near, far);
    joined(far, near);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const url = new URL(server.url);
  // A server that listens on a TCP port has an address of this form.
  url.port = String((line.address() as AddressInfo).port);
  return {
    url: url.href,
    query: (text) => query(url.href, text),
    crash: async () => {
      const pid = await pidIn(folder);
      process.kill(pid, 'SIGQUIT');
      while (isAlive(pid)) await delay(20);
      await server.close();
      server = await openEmbedded({ folder, role: 'command' });
    },
    close: async () => {
      line.close();
      await server.close();
    },
  };
}

function joined(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function pidIn(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'cluster/data/postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // It is gone.
    return false;
  }
}
