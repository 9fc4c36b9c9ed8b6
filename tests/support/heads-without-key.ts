/** Heads of requests that cost what they cost before anybody asks for a key, each of about as many bytes as it is told. */

/** A request for this target, without the empty line that ends it. */
export const target = (rest: string) => `GET ${rest} HTTP/1.1\r\nHost: x`;

const fill = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / unit.length));
const field = (name: string, value: string) => `${target('/health/live')}\r\n${name}: ${value}`;
const repeated = (line: string, bytes: number) => `${target('/health/live')}${fill(line, bytes)}`;

export const headsWithoutKey: Readonly<Record<string, (bytes: number) => string>> = {
  'a repeated parameter': (bytes) => target(`/health/live?${fill('a&', bytes)}`),
  'one long parameter': (bytes) => target(`/health/live?a=${fill('%41+', bytes)}`),
  'different parameters': (bytes) =>
    target(`/health/live?${Array.from({ length: bytes / 6 }, (_, n) => `a${n}`).join('&')}`),
  'a path': (bytes) => target(fill('/patients/%41', bytes)),
  'an absolute target': (bytes) => target(`http://a${fill('/?', bytes)}`),
  'different headers': (bytes) => repeated('\r\na: b', bytes),
  cookies: (bytes) => repeated('\r\nCookie: a', bytes),
  Accept: (bytes) => field('Accept', fill('a/b,', bytes)),
  'Accept with a quote that stays open': (bytes) => field('Accept', `a/b;c="${fill(',', bytes)}`),
  'Accept with parameters': (bytes) => field('Accept', `a/b${fill(';c="', bytes)}`),
  'Accept-Encoding': (bytes) => field('Accept-Encoding', fill('a;q=0,', bytes)),
  Prefer: (bytes) => field('Prefer', fill('wait ;', bytes)),
  'If-None-Match': (bytes) => field('If-None-Match', fill('W/"', bytes)),
  traceparent: (bytes) => field('traceparent', fill('00-', bytes)),
  'Content-Type': (bytes) => field('Content-Type', fill('a/b;', bytes)),
  'Content-Length': (bytes) => field('Content-Length', fill('0', bytes)),
  'X-Forwarded-For': (bytes) => field('X-Forwarded-For', fill('::1,', bytes)),
  'X-Request-Id': (bytes) => field('X-Request-Id', fill('a', bytes)),
  'a key': (bytes) => `${target('/patients')}\r\nx-api-key: ${fill('k', bytes)}`,
};
