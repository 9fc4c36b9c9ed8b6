/** Finds the newest enabled version of a secret and the one before it, by asking for versions by their number. */

/** What asking for one version told; `absent` when the secret never had it. */
export type Asked =
  | { readonly kind: 'enabled'; readonly version: number; readonly bytes: Uint8Array }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'absent' };

export type Enabled = Extract<Asked, { kind: 'enabled' }>;

export interface VersionSearch {
  /** The number of the last created version; 0 when there is none. */
  readonly last: number;
  /** The newest enabled version N, and N − 1 if it is enabled: never an older one. */
  readonly enabled: readonly Enabled[];
}

/** Doubling steps: more versions than any secret has. */
const maxDoublings = 24;
/** So many versions in a row may be disabled before the secret counts as having none. */
const maxDisabled = 16;

/** No search asks more often: up by doubling, back by halving, down past disabled ones, and for N − 1. */
export const maxSteps = 2 * maxDoublings + maxDisabled + 2;

/**
 * @param ask asks for the version of a number
 * @param from a version that once existed, or 0; after it the search goes up
 */
export async function searchVersions(
  ask: (version: number) => Promise<Asked>,
  from: number,
): Promise<VersionSearch> {
  const told = new Map<number, Asked>();
  const askOnce = async (version: number): Promise<Asked> => {
    const answer = told.get(version) ?? (await ask(version));
    told.set(version, answer);
    return answer;
  };
  const last = await lastVersion(askOnce, from);
  return { last, enabled: await newestEnabled(askOnce, last) };
}

type Ask = (version: number) => Promise<Asked>;

async function lastVersion(ask: Ask, from: number): Promise<number> {
  // A secret that was deleted and made again counts from 1 again.
  const base = from > 0 && (await ask(from)).kind === 'absent' ? 0 : from;
  let low = base;
  let high = base + 1;
  for (let count = 0; count < maxDoublings; count += 1) {
    if ((await ask(high)).kind === 'absent') break;
    low = high;
    high = base + 2 * (high - base);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await ask(middle)).kind === 'absent') high = middle;
    else low = middle;
  }
  return low;
}

async function newestEnabled(ask: Ask, last: number): Promise<readonly Enabled[]> {
  for (let version = last; version > Math.max(0, last - maxDisabled); version -= 1) {
    const newest = await ask(version);
    if (newest.kind !== 'enabled') continue;
    const before = version > 1 ? await ask(version - 1) : undefined;
    return before?.kind === 'enabled' ? [newest, before] : [newest];
  }
  return [];
}
