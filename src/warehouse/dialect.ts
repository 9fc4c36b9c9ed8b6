/** The words in which engines of SQL differ, so that a view can also be run where there is no BigQuery. */

export interface Dialect {
  /** A table or view, by its name in the warehouse. */
  table(name: string): string;
  /** A column of the record, or a field of a column that is an object. */
  column(path: readonly string[]): string;
  /** Whether a text fits a regular expression. */
  matches(text: string, pattern: string): string;
  /** A text that is random and stands nowhere else. */
  readonly randomText: string;
}

/** The name under which a view speaks of the row that it reads. */
export const record = 'record';

/** In the files `${dataset}` stands for `project.dataset`. */
export const bigQuery = {
  table: (name) => `\`\${dataset}.${name}\``,
  column: (path) => [record, ...path].map((step) => `\`${step}\``).join('.'),
  matches: (text, pattern) => `REGEXP_CONTAINS(${text}, r'${pattern}')`,
  randomText: 'GENERATE_UUID()',
} as const satisfies Dialect;
