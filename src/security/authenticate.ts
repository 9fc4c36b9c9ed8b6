/** Decides whether a request may pass: the client's address, its key, and how many wrong ones it sent. */
import { problems } from '../problem.js';
import type { FailedAttempts } from './failed-attempts.js';
import type { Grant, KeyRing } from './key-ring.js';
import { createPacedTurns } from './paced-turns.js';

export interface AuthenticateOptions {
  readonly ring: KeyRing;
  readonly attempts: FailedAttempts;
  /** Whether an address may come in at all. */
  readonly isAllowed: (client: string) => boolean;
}

/**
 * A valid key always passes, at once; a wrong one waits for its turn, and is refused differently once its client sent
 * too many.
 * @throws Problem 403 or 429; KeysUnavailable when it cannot be told whether the key is right
 */
export function createAuthenticate({ ring, attempts, isAllowed }: AuthenticateOptions) {
  const turns = createPacedTurns();
  return async (
    scheme: string,
    key: string | undefined,
    client: string,
  ): Promise<Grant | undefined> => {
    if (!isAllowed(client)) throw problems.clientNotAllowed();
    if (key === undefined || key === '') return undefined;
    const limited = attempts.limitedSeconds(client, scheme);
    const grant = await ring.find(scheme, key, limited === undefined);
    if (grant !== undefined) return grant;
    attempts.count(client, scheme);
    const inTurn = await turns.wait();
    if (limited !== undefined || !inTurn) throw problems.tooManyRequests(limited ?? 1, !inTurn);
    return undefined;
  };
}
