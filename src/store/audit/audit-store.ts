/** The part of the store that keeps the access audit. */
import type { Database, DatabaseOptions } from '../database.js';
import { type AuditReading, auditReadingOn } from './audit-reading.js';
import { type AuditTable, openAuditTable } from './audit-table.js';
import { type PruneOptions, pruneAudit } from './prune.js';

export interface AuditStore extends AuditTable, AuditReading {
  /** Under the role that migrates. */
  prune(options: PruneOptions): Promise<readonly string[]>;
}

export function openAuditStore(
  database: Database,
  { migrationUrl, ...options }: DatabaseOptions & { readonly migrationUrl?: string | undefined },
): AuditStore {
  return {
    ...openAuditTable(options),
    ...auditReadingOn(database),
    prune: (months) => pruneAudit(migrationUrl ?? options.url, months),
  };
}
