/** The access audit that the configuration names. */
import { openAnchors } from './audit/open-anchors.js';
import { type Audit, createAudit } from './audit/audit.js';
import { createHeadKeeper } from './audit/head-keeper.js';
import { createStdoutWriter } from './audit/stdout-writer.js';
import type { AuditConfig } from './config.js';
import type { Log } from './log.js';
import type { Store } from './store/store.js';

export interface ConfiguredAuditOptions {
  readonly config: AuditConfig;
  readonly store: Pick<Store, 'audit'>;
  /** In place of the process's standard output. */
  readonly output: NodeJS.WritableStream | undefined;
  readonly log: Log;
  /** Gets what releases the resources that were opened, oldest first. */
  readonly closers: (() => Promise<void> | void)[];
}

/** @returns nothing where nobody records */
export async function openConfiguredAudit(
  options: ConfiguredAuditOptions,
): Promise<Audit | undefined> {
  const { config, store, output = process.stdout, log, closers } = options;
  const writers = [
    ...(config.postgres ? [{ write: store.audit.append }] : []),
    ...(config.stdout ? [createStdoutWriter(output)] : []),
  ];
  if (writers.length === 0) return undefined;
  const { required, anchor } = config;
  const now = Date.now;
  const heads =
    anchor !== undefined && config.postgres
      ? createHeadKeeper({ anchors: await openAnchors(anchor), log, now })
      : undefined;
  const audit = createAudit({ writers, heads, required, log, now });
  closers.push(() => audit.close());
  return audit;
}
