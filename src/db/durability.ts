/** Whether a commit that readers saw survives a crash. A file of its own, so that commands know its error without loading pg. */
import type { Database } from './database.js';

/** The database is set up so that the feed's promise cannot be kept. */
export class UnsafeStoreError extends Error {
  override readonly name = 'UnsafeStoreError';
}

/** @throws UnsafeStoreError where PostgreSQL confirms commits that a crash may still undo */
export async function assertDurable(database: Database): Promise<void> {
  const [row] = await database.query<{ setting: string }>({
    text: `select current_setting('synchronous_commit') as setting`,
  });
  if (row?.setting !== 'off') return;
  throw new UnsafeStoreError(
    'PostgreSQL has synchronous_commit=off: after a crash it could take back records that readers have seen. Set it to on, for the server, the database and the role of DATABASE_URL (docs/feed.md)',
  );
}
