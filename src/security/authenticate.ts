/** Decides whether a request may pass: the client's address, its key, and how many wrong ones it sent. */
import { problems } from '../problem.js';
import type { Grant, KeyRing } from './key-ring.js';

export interface AuthenticateOptions {
  readonly ring: KeyRing;
  readonly attempts: FailedAttempts;
  /** Whether an address may come in at all. */
  readonly isAllowed: (client: string) => boolean;
}

/**
 * A valid key always passes; a wrong one is refused, and differently once its client sent too many.
 * @throws Problem 403 or 429; KeysUnavailable when it cannot be told whether the key is right
 */
export function createAuthenticate({ ring, attempts, isAllowed }: AuthenticateOptions) {
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
    if (limited !== undefined) throw problems.tooManyRequests(limited);
    return undefined;
  };
}

export interface FailedAttempts {
  /** Seconds until the client's wrong keys are answered again; nothing while it is below the limit. */
  limitedSeconds(client: string, scheme: string): number | undefined;
  count(client: string, scheme: string): void;
}

interface Window {
  failures: number;
  readonly endsAtMs: number;
}

const windowMs = 60_000;
const maxFailures = 60;
const maxWindows = 10_000;

export function createFailedAttempts({ now }: { readonly now: () => number }): FailedAttempts {
  /** In the order in which they were opened, which is the order in which they end. */
  const windows = new Map<string, Window>();
  const open = (id: string): Window | undefined => {
    const window = windows.get(id);
    return window !== undefined && window.endsAtMs > now() ? window : undefined;
  };
  return {
    limitedSeconds: (client, scheme) => {
      const window = open(idOf(client, scheme));
      if (window === undefined || window.failures < maxFailures) return undefined;
      return Math.max(1, Math.ceil((window.endsAtMs - now()) / 1000));
    },
    count: (client, scheme) => {
      const id = idOf(client, scheme);
      const window = open(id);
      if (window !== undefined) {
        window.failures += 1;
        return;
      }
      windows.delete(id);
      const [oldest] = windows.keys();
      if (windows.size >= maxWindows && oldest !== undefined) windows.delete(oldest);
      windows.set(id, { failures: 1, endsAtMs: now() + windowMs });
    },
  };
}

/** One client has a whole /64 of IPv6 addresses to come from. */
function idOf(client: string, scheme: string): string {
  return `${scheme} ${client.includes(':') ? prefixOf(client) : client}`;
}

function prefixOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - start.length - end.length)).fill('0');
  return [...start, ...zeros, ...end].slice(0, 4).join(':');
}
