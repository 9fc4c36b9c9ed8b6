/** The access audit that the configuration names. */
import { type Audit, createAudit } from './audit/audit.js';
import { createStdoutWriter } from './audit/stdout-writer.js';
import type { AuditConfig } from './config.js';
import type { Log } from './log.js';
import type { Store } from './store/store.js';

export interface ConfiguredAuditOptions {
  readonly config: AuditConfig;
  readonly store: Pick<Store, 'audit'>;
  /** In place of the process's standard output. */
  readonly output?: NodeJS.WritableStream;
  readonly log: Log;
  /** Gets what releases the resources that were opened, oldest first. */
  readonly closers: (() => Promise<void> | void)[];
}

/** @returns nothing where nobody records */
export function openConfiguredAudit(options: ConfiguredAuditOptions): Audit | undefined {
  const { config, store, output = process.stdout, log, closers } = options;
  const writers = [
    ...(config.postgres ? [{ write: store.audit.append }] : []),
    ...(config.stdout ? [createStdoutWriter(output)] : []),
  ];
  if (writers.length === 0) return undefined;
  const { required } = config;
  const audit = createAudit({ writers, heads: undefined, required, log, now: Date.now });
  closers.push(() => audit.close());
  return audit;
}
