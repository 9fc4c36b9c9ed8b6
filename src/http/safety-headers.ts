/** The headers that keep a browser from doing with an answer what an API's answer is not for. */

const noPage = "default-src 'none'; frame-ancestors 'none'";

/**
 * The policy that a page brings along, which names its own scripts by their hashes. A page without one may do nothing.
 * A page cannot say by itself who may frame it.
 */
export function pagePolicyOf(page: string): string {
  const own = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page)?.[1];
  return own === undefined ? noPage : `${own}; frame-ancestors 'none'`;
}

const yearSeconds = 31_536_000;

/** @param overTls whether clients come by TLS: only then may they be told to come by nothing else */
export function safetyHeaders(overTls: boolean): Map<string, string> {
  return new Map([
    ['x-content-type-options', 'nosniff'],
    ['content-security-policy', noPage],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-resource-policy', 'same-origin'],
    ...(overTls ? hsts : []),
  ]);
}

const hsts = [['strict-transport-security', `max-age=${yearSeconds}`]] as const;
