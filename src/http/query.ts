/** Reads a query string strictly: nothing is guessed, nothing is dropped (RFC 3986 section 2.1). */
import { problems } from '../problem.js';

/** @throws a 400 problem when a percent sign is not followed by two hexadecimal digits of valid UTF-8 */
export function parseQuery(text: string): Record<string, string | string[]> {
  const values = new Map<string, string | string[]>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    const key = decoded(mark === -1 ? pair : pair.slice(0, mark));
    const value = mark === -1 ? '' : decoded(pair.slice(mark + 1));
    const before = values.get(key);
    values.set(key, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(values);
}

export function assertDecodable(path: string): void {
  decoded(path);
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw problems.badRequest(
      'The URL holds a percent sign that is not followed by two hexadecimal digits of UTF-8 text.',
    );
  }
}
