/** The headers that keep a browser from doing with an answer what an API's answer is not for. */

const noPage = "default-src 'none'; frame-ancestors 'none'";

/** Of the documentation: one file, its own scripts and styles stand in it, and it loads nothing. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

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
