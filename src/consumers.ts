/** Named consumers: readers of some collections with keys of their own. */

export interface ConsumerConfig {
  readonly name: string;
  /** Each collection that it may read, with its secret where that is not `<secret>_<consumer>`. */
  readonly collections: Readonly<Record<string, string | undefined>>;
}

/** @returns nothing when the text is no such list, or names a consumer twice */
export function parseConsumers(text: string): readonly ConsumerConfig[] | undefined {
  const list = parsedJson(text);
  if (!Array.isArray(list)) return undefined;
  const consumers = list.map(consumerOf).filter((consumer) => consumer !== undefined);
  const names = new Set(consumers.map(({ name }) => name));
  return consumers.length === list.length && names.size === list.length ? consumers : undefined;
}

function consumerOf(item: unknown): ConsumerConfig | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { name, collections, ...rest } = item as Readonly<Record<string, unknown>>;
  const secrets = secretsOf(collections);
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) return undefined;
  if (name === 'default' || secrets === undefined || Object.keys(rest).length > 0) return undefined;
  return { name, collections: secrets };
}

function secretsOf(collections: unknown): ConsumerConfig['collections'] | undefined {
  if (typeof collections !== 'object' || collections === null) return undefined;
  const entries = Array.isArray(collections)
    ? collections.map((name: unknown) => [name, undefined] as const)
    : Object.entries(collections);
  const right = entries.every(
    ([name, secret]) =>
      typeof name === 'string' && (secret === undefined || typeof secret === 'string'),
  );
  // Each entry was just seen to be of this type.
  return right && entries.length > 0
    ? (Object.fromEntries(entries) as ConsumerConfig['collections'])
    : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
