/** Counts wrong keys by client and scheme, in memory that does not grow with the number of either. */

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
