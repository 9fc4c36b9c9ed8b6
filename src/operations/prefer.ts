/** What a client asks by `Prefer`: of its preferences only `wait` is known, the others are ignored (RFC 7240). */

/** Longer waits are cut down to this, which proxies and load balancers bear. */
const longestSeconds = 30;

const token = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const value = String.raw`(?:${token}|"(?:[^"\\]|\\.)*")`;
/** One preference with its parameters, and what divides it from the next one; blanks were made single. */
const preference = new RegExp(
  `[ ,]*(${token})(?: ?= ?(${value}))?(?: ?;(?: ?${token}(?: ?= ?${value})?)?)* ?(?:,|$)`,
  'y',
);

/** @returns seconds, from the first `wait` that is there; nothing where there is none, or it is not a number */
export function preferredWait(prefer: string | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  const list = prefer.replaceAll(/[ \t]+/g, ' ');
  preference.lastIndex = 0;
  for (;;) {
    const [, name, text = ''] = preference.exec(list) ?? [];
    if (name === undefined) return undefined;
    if (name.toLowerCase() === 'wait') return secondsOf(text.replace(/^"(.*)"$/, '$1'));
  }
}

function secondsOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Math.min(Number(text), longestSeconds) : undefined;
}
