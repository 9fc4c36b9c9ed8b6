/** Statements, as they are handed to PostgreSQL. */

/** With a name the statement is parsed and planned once for each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export type NamedStatement = Statement & { readonly name: string };
