// The secret that operators keep a collection's key in.
import { type Change, breaking } from '../change.js';
import type { Pair } from '../pairs.js';

export function secretId({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'securityScheme' || base['x-secret-id'] === revision['x-secret-id']) return [];
  return breaking(
    `${where}/x-secret-id`,
    'The key is read from another secret, which operators do not have.',
    'operator',
    'Keep the name of the secret; an operator may set another by <COLLECTION>_SECRET_ID.',
  );
}
