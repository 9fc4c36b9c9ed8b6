/** An embedded PostgreSQL with a streaming replica, which can be held back. */
import { spawnSync } from 'node:child_process';
import { appendFile, chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedServer, openEmbedded } from '../../src/db/embedded/embedded.js';

export interface Replicated {
  /** Of the primary. */
  readonly url: string;
  /** Of the same database on the replica. */
  replicaOf(databaseUrl: string): string;
  /** The replica shows nothing more of what it receives. */
  holdBack(): Promise<void>;
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export async function openReplicated(): Promise<Replicated> {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-replicated-'));
  // The servers run under another account where the tests run as root.
  await chmod(folder, 0o755);
  const primary = await openEmbedded({ folder: join(folder, 'primary'), role: 'command' });
  await copyBeside(folder, primary.url);
  const replica = await openEmbedded({ folder: join(folder, 'replica'), role: 'command' });
  const control = new pg.Client({ connectionString: replica.url });
  await control.connect();
  return {
    url: primary.url,
    replicaOf: (databaseUrl) => movedTo(replica, databaseUrl),
    holdBack: async () => {
      await control.query('select pg_wal_replay_pause()');
      await until(control, `pg_get_wal_replay_pause_state() = 'paused'`);
    },
    letGo: async () => {
      await control.query('select pg_wal_replay_resume()');
    },
    close: async () => {
      await control.end();
      await replica.close();
      await primary.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What pg_basebackup does, which the package does not have. */
async function copyBeside(folder: string, primaryUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: primaryUrl });
  await client.connect();
  await client.query(`select pg_backup_start('replica', fast => true)`);
  const copy = join(folder, 'replica');
  await mkdir(copy);
  const copied = spawnSync('cp', ['-a', join(folder, 'primary', 'cluster'), copy]);
  if (copied.status !== 0) throw new Error(`cp: ${copied.stderr.toString()}`);
  const { rows } = await client.query<{ labelfile: string }>(
    'select labelfile from pg_backup_stop(wait_for_archive => false)',
  );
  await client.end();
  const data = join(copy, 'cluster', 'data');
  for (const name of ['postmaster.pid', 'postmaster.opts']) await rm(join(data, name));
  const { hostname, port, username, password } = new URL(primaryUrl);
  const primary = `host=${hostname} port=${port} user=${username} password=${password}`;
  await appendFile(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${primary}'\n`);
  const { uid, gid } = await stat(data);
  const files = { backup_label: rows[0]?.labelfile ?? '', 'standby.signal': '' };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text);
    await chown(join(data, name), uid, gid);
  }
}

function movedTo({ url }: EmbeddedServer, databaseUrl: string): string {
  const moved = new URL(url);
  moved.pathname = new URL(databaseUrl).pathname;
  return moved.href;
}

async function until(client: pg.Client, condition: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ holds: boolean }>(`select ${condition} as holds`);
    if (rows[0]?.holds === true) return;
  }
}
