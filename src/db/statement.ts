/** Statements, and the names of partitions. */
import pg from 'pg';

/** With a name the statement is parsed and planned once for each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export type NamedStatement = Statement & { readonly name: string };

export function partitionOf(collection: string): string {
  return pg.escapeIdentifier(`record_${collection}`);
}
