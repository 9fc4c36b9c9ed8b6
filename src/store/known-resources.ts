/** Which records stand unchanged on the resources that a load brings again. */
import type { Database } from './database.js';

export interface SoughtResources {
  readonly collection: string;
  readonly contract: string;
  /** Version of the mapping that must have made the records. */
  readonly mapping: string;
  readonly resources: readonly { readonly id: string; readonly digest: string }[];
}

/** The ids of those that need not be looked at again. */
export async function knownResources(
  database: Database,
  { collection, contract, mapping, resources }: SoughtResources,
): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ id: string }>({
    name: 'known_resources',
    text: 'select id from known_resources($1, $2, $3, $4, $5) as id',
    values: [
      ...[collection, contract, mapping],
      resources.map(({ id }) => id),
      resources.map(({ digest }) => digest),
    ],
  });
  return new Set(rows.map(({ id }) => id));
}
