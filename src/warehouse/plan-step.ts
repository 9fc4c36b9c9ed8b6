/** A plan's steps. */

export type Step =
  | { readonly kind: 'statement'; readonly sql: string; readonly note?: string }
  | { readonly kind: 'refusal'; readonly what: string; readonly way: string };

/** Steps before the service is rolled out, and those that wait until no message of the old contract is left. */
export interface Plan {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** The way round what cannot be changed in place. */
export function rebuild(table: string): string {
  return `make a new table beside ${table} from its DDL, with a subscription of its own, run npm run produce -- --from-start, npm run reconcile, then point the views at it`;
}
