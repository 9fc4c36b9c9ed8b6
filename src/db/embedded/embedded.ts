/**
 * A real PostgreSQL on a folder, shared by all processes that open it and stopped by the last of them.
 *
 * No process owns the server. Whoever opens the folder looks at `postmaster.pid`: where a server runs, also one that a
 * killed process left behind, it is joined; otherwise one is started, detached, so that it outlives its starter. Every
 * user keeps one connection with a shared advisory lock on it, so PostgreSQL itself counts the users and forgets the
 * killed ones. On closing, a process tries for the same lock exclusively: whoever gets it was the last user, and stops the
 * server while the lock keeps others from joining. Two processes may start, join and stop at the same time, so opening
 * is a loop: each turn looks anew and joins or starts, whichever works, until the deadline.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { prepareBinaries, resolveInstalled, type ResolvePackage } from './binaries.js';
import { ensureCluster, readPassword } from './cluster.js';
import { findPlace, type Place } from './place.js';
import { findPostmaster, startPostmaster, stopPostmaster } from './postmaster.js';
import { EmbeddedError, orDatabaseUrl } from './program.js';
import { databaseName, joinServer, type Role, serverUrl, type Session } from './session.js';

/** A running embedded PostgreSQL that this process uses. */
export interface EmbeddedServer {
  /** Of the database `hospital`: loopback TCP, with the password. */
  readonly url: string;
  /** `joined` when it ran already: another process's, or what a killed one left running. */
  readonly origin: 'started' | 'joined';
  /** What of it is not in the folder, for one log line. */
  readonly elsewhere: string | undefined;
  /** Lets go; the last one out stops the server. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly folder: string;
  /** There is at most one service in a folder; commands join it. */
  readonly role: Role;
}

/** What openEmbedded takes from the machine. */
export interface Environment {
  readonly resolvePackage: ResolvePackage;
  /** For root: data and binaries that no other account could reach where they are go here. */
  readonly elsewhere: string;
}

const thisMachine: Environment = {
  resolvePackage: resolveInstalled,
  elsewhere: '/var/lib/hospital-streaming-api',
};

const openWithinMs = 60_000;
const pollMs = 20;
/** A killed server's processes take a moment to leave. */
const retryStartAfterMs = 250;
const maxFailedStarts = 3;

/** @throws EmbeddedError when it cannot be had, with what would be right. */
export async function openEmbedded(
  options: EmbeddedOptions,
  surroundings: Partial<Environment> = {},
): Promise<EmbeddedServer> {
  const folder = path.resolve(options.folder);
  try {
    return await open({ ...options, folder }, { ...thisMachine, ...surroundings });
  } catch (cause) {
    if (cause instanceof EmbeddedError) throw cause;
    const reason = (cause instanceof Error ? cause.message : String(cause)).replaceAll('\n', ' ');
    const message = `the embedded database in ${folder} cannot be used (${reason}): remove the cause, ${orDatabaseUrl}`;
    throw new EmbeddedError(message, { cause });
  }
}

async function open(
  { folder, role }: EmbeddedOptions,
  { resolvePackage, elsewhere }: Environment,
): Promise<EmbeddedServer> {
  const place = await findPlace(folder, elsewhere);
  const copies = place.account === undefined ? folder : elsewhere;
  const start = async () => {
    const binaries = await prepareBinaries({ resolvePackage, account: place.account, copies });
    await ensureCluster(place, binaries);
    return { outcome: await startPostmaster(place, binaries), copy: binaries.copy };
  };
  const { session, url, origin, copy } = await acquire({ folder, role, place, start });
  let closed: Promise<void> | undefined;
  return {
    url: url(databaseName),
    origin,
    elsewhere: describeElsewhere(place, copies === folder ? undefined : copy),
    close: () => (closed ??= session.close()),
  };
}

interface Acquisition extends EmbeddedOptions {
  readonly place: Place;
  readonly start: () => Promise<{ outcome: number | string; copy: string | undefined }>;
}

interface Acquired {
  readonly session: Session;
  readonly url: (database: string) => string;
  readonly origin: 'started' | 'joined';
  readonly copy: string | undefined;
}

/** Joins or starts, whichever works: others start and stop the same server at the same time. */
async function acquire({ place, folder, role, start }: Acquisition): Promise<Acquired> {
  const deadline = Date.now() + openWithinMs;
  const stop = () => stopPostmaster(place.cluster);
  let started: number | undefined;
  let copy: string | undefined;
  let failures = 0;
  while (Date.now() < deadline) {
    const running = await findPostmaster(place.cluster);
    if (running === undefined) {
      const attempt = await start();
      copy = attempt.copy;
      if (typeof attempt.outcome === 'number') started = attempt.outcome;
      // Another process's server in its place is as good.
      else if ((await findPostmaster(place.cluster)) === undefined) {
        if (++failures >= maxFailedStarts) throw cannotStart(place.cluster, attempt.outcome);
        await delay(retryStartAfterMs);
      }
      continue;
    }
    if (running.port !== undefined) {
      const url = await urlOf(place.cluster, running.port);
      const session = await joinServer({ url: url('postgres'), role, folder, stop });
      if (session !== undefined) {
        return { session, url, origin: running.pid === started ? 'started' : 'joined', copy };
      }
    }
    await delay(pollMs);
  }
  throw cannotStart(place.cluster, `it does not answer within ${openWithinMs / 1000} s`);
}

async function urlOf(cluster: string, port: number): Promise<(database: string) => string> {
  const password = await readPassword(cluster);
  return (database) => serverUrl(port, password, database);
}

function cannotStart(cluster: string, reason: string): EmbeddedError {
  return new EmbeddedError(
    `the embedded PostgreSQL in ${cluster} does not start (${reason}): see ${path.join(cluster, 'log')}, ${orDatabaseUrl}`,
  );
}

function describeElsewhere(place: Place, copy: string | undefined): string | undefined {
  const parts = [
    ...(place.isElsewhere ? [`data in ${place.cluster}`] : []),
    ...(copy === undefined ? [] : [`binaries in ${copy}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}
