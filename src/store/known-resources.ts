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
  const [row] = await database.query<{ ids: string | null }>({
    name: 'known_resources',
    text: `select string_agg(id, e'\\n') as ids
           from known_resources($1, $2, $3, string_to_array($4, e'\\n'), string_to_array($5, e'\\n')) as id`,
    // Neither holds control characters, and a text is written and read faster than a list.
    values: [
      ...[collection, contract, mapping],
      resources.map(({ id }) => id).join('\n'),
      resources.map(({ digest }) => digest).join('\n'),
    ],
  });
  return new Set(row?.ids?.split('\n'));
}
