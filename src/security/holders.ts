/** Who holds which secret: the default consumer of each scheme, and the named ones beside it. */
import type { KeyRingConfig } from '../config/config.js';
import type { Contract } from '../contract/contract.js';

/** One reader's secret of one scheme. */
export interface Holder {
  readonly scheme: string;
  readonly consumer: string;
  readonly secretId: string;
}

export function holdersOf(contract: Contract, { consumers }: KeyRingConfig): readonly Holder[] {
  const secretIds = secretIdsOf(contract);
  const defaults = [...secretIds].map(([scheme, secretId]) => ({
    ...{ scheme, secretId, consumer: 'default' },
  }));
  const named = consumers.flatMap(({ name, collections }) =>
    contract.collections
      .filter((collection) => collection.name in collections)
      .map(({ name: collection, scheme }) => ({
        scheme,
        consumer: name,
        secretId: collections[collection] ?? `${secretIds.get(scheme) ?? scheme}_${name}`,
      })),
  );
  return [...defaults, ...named];
}

/** Each apiKey scheme's `x-secret-id`, the scheme's own name where the contract gives none. */
export function secretIdsOf({ document }: Contract): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(document.components.securitySchemes)
      .filter(([, { type }]) => type === 'apiKey')
      .map(([scheme, { 'x-secret-id': secretId }]) => [scheme, secretId ?? scheme]),
  );
}

/** The secret of each collection's scheme, by the collection's name. */
export function secretIdsOfCollections(contract: Contract): Readonly<Record<string, string>> {
  const secretIds = secretIdsOf(contract);
  return Object.fromEntries(
    contract.collections.map(({ name, scheme }) => [name, secretIds.get(scheme) ?? scheme]),
  );
}
