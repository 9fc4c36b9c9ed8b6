/** The connection by which each user of an embedded server is counted, by advisory locks in PostgreSQL. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { roleName } from './cluster.js';
import { isAlive } from './postmaster.js';
import { EmbeddedError, errorCode } from './program.js';

export const databaseName = 'hospital';

export type Role = 'service' | 'command';

/** 'HSPA', and then: shared by all users, exclusive to whoever stops the server; exclusive to the one service. */
const locks = { family: 0x48535041, users: 1, service: 2 } as const;
const reconnectAfterMs = 100;
const connectWithinMs = 5_000;
const holderGoneWithinMs = 2_000;

export interface SessionOptions {
  readonly url: string;
  readonly role: Role;
  /** For the message to a second service. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** A process's place among the users of a server. */
export interface Session {
  /** Releases the server; the last user stops it. */
  readonly close: () => Promise<void>;
}

/** Registers this process as a user; undefined when the server is about to stop. */
export async function joinServer(entry: SessionOptions): Promise<Session | undefined> {
  const first = await connectAsUser(entry);
  if (first === undefined) return undefined;
  let current = first;
  let isClosing = false;
  let reconnecting: Promise<void> | undefined;
  // PostgreSQL ends all sessions when one of its processes crashes, and goes on without them.
  const reconnect = async () => {
    while (!isClosing) {
      await delay(reconnectAfterMs, undefined, { ref: false });
      const again = await connectAsUser(entry).catch(() => undefined);
      if (again === undefined) continue;
      current = again;
      watch();
      return;
    }
  };
  const watch = () => {
    current.once('end', () => {
      reconnecting = reconnect();
    });
  };
  watch();
  const close = async () => {
    isClosing = true;
    await reconnecting;
    await releaseServer(current, entry);
  };
  return { close };
}

async function connectAsUser(entry: SessionOptions): Promise<Client | undefined> {
  const session = await connect(entry.url, entry.role);
  if (session === undefined) return undefined;
  try {
    if (await tryLock(session, 'pg_try_advisory_lock_shared', locks.users)) {
      if (entry.role === 'service') await lockService(session, entry.folder);
      await createDatabase(session);
      return session;
    }
  } catch (error) {
    await releaseServer(session, entry);
    if (isShuttingDown(error)) return undefined;
    throw error;
  }
  await session.end();
  return undefined;
}

/** The last user stops the server while its lock keeps others from joining. */
async function releaseServer(session: Client, { url, stop }: SessionOptions): Promise<void> {
  const own = await session.query('select pg_advisory_unlock_all()').then(
    () => session,
    () => connect(url, 'command'),
  );
  if (own === undefined) return;
  if (await isLastUser(own)) await stop();
  await own.end();
}

/** Where the server stops meanwhile, another process was the last one. */
async function isLastUser(session: Client): Promise<boolean> {
  try {
    return await tryLock(session, 'pg_try_advisory_lock', locks.users);
  } catch (error) {
    if (isShuttingDown(error)) return false;
    throw error;
  }
}

/** The URL of a database of the server: no TLS, which PGSSLMODE in the environment would otherwise ask for. */
export function serverUrl(port: number, password: string, database: string): string {
  return `postgres://${roleName}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

async function connect(url: string, role: Role): Promise<Client | undefined> {
  const client = new Client({
    connectionString: url,
    application_name: `hospital-api ${role}, pid ${process.pid}`,
    connectionTimeoutMillis: connectWithinMs,
  });
  // Without a listener a server that goes away would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (isShuttingDown(error)) return undefined;
    throw error;
  }
}

function isShuttingDown(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  if (/^(57P0\d|ECONNREFUSED|ECONNRESET|EPIPE)$/.test(code)) return true;
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout expired|Client (has|was) .* not queryable)/.test(error.message)
  );
}

async function tryLock(session: Client, lock: string, key: number): Promise<boolean> {
  const { rows } = await session.query<{ taken: boolean }>(`select ${lock}($1, $2) as taken`, [
    locks.family,
    key,
  ]);
  return rows[0]?.taken === true;
}

/** A holder that was killed keeps its lock until the server has noticed. */
async function lockService(session: Client, folder: string): Promise<void> {
  const deadline = Date.now() + holderGoneWithinMs;
  while (!(await tryLock(session, 'pg_try_advisory_lock', locks.service))) {
    const holder = await findHolder(session);
    if (holder === undefined || (!isAlive(holder.pid) && Date.now() < deadline)) {
      await delay(20);
      continue;
    }
    throw new EmbeddedError(
      `another service (pid ${holder.pid}, since ${holder.since}) uses the embedded database in ${folder}: stop that one, or set the same DATABASE_URL for both to share a PostgreSQL`,
    );
  }
}

async function findHolder(session: Client) {
  const { rows } = await session.query<{ pid: number; since: string }>(
    `select coalesce(substring(a.application_name from 'pid (\\d+)$')::int, a.pid) as pid,
            to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted`,
    [locks.family, locks.service],
  );
  return rows[0];
}

async function createDatabase(session: Client): Promise<void> {
  const { rowCount } = await session.query('select from pg_database where datname = $1', [
    databaseName,
  ]);
  if (rowCount !== 0) return;
  try {
    await session.query(`create database ${databaseName}`);
  } catch (error) {
    // Another process made it at the same moment.
    if (!['42P04', '23505'].includes(errorCode(error) ?? '')) throw error;
  }
}
