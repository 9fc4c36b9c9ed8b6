// An operation that moved to another host, with the client's key.
import { type Change, breaking } from '../change.js';
import { isSame } from '../json.js';
import type { Pair } from '../pairs.js';

export function operationServers({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'operation' || isSame(base.servers, revision.servers)) return [];
  return breaking(
    `${where}/servers`,
    'The operation is at another address than before.',
    'sender',
    'Keep it where it is; put the redirection behind the old address.',
  );
}
