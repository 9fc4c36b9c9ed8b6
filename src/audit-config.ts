/** Where accesses are recorded, as the settings say it. */
import type { Circumstances } from './database-config.js';
import type { Values } from './settings.js';

export interface AuditConfig {
  readonly postgres: boolean;
  readonly stdout: boolean;
  /** Whether a request fails that cannot be recorded. */
  readonly required: boolean;
  /** A path, or `gs://bucket/folder`. */
  readonly anchor: string | undefined;
  readonly keepMonths: number;
}

export function auditOf(values: Values, { production, warnings }: Circumstances): AuditConfig {
  const { AUDIT_LOG: log, AUDIT_ANCHOR: anchor } = values;
  const postgres = log === 'postgres' || log === 'both';
  if (production && log === 'off') {
    warnings.push('nobody records who reads which records, as AUDIT_LOG=off asks for');
  }
  if (production && postgres && anchor === undefined) {
    warnings.push(
      'a cut or rebuilt audit would not show: set AUDIT_ANCHOR to a file or bucket that the database’s owner cannot write',
    );
  }
  if (production && postgres && values.DATABASE_MIGRATION_URL === undefined) {
    warnings.push(
      'the service’s role may change the audit: set DATABASE_MIGRATION_URL to an owner of the schema, and DATABASE_URL to another role',
    );
  }
  return {
    postgres,
    stdout: log === 'stdout' || log === 'both',
    required: values.AUDIT_REQUIRED,
    anchor,
    keepMonths: values.AUDIT_KEEP_MONTHS,
  };
}
