/** Tells whether the client has the answer already, by the versions that `If-None-Match` names. */

/** Each tag as it was sent, and its opaque part: RFC 9110 section 13.1.2 asks for the weak comparison. */
const tags = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * Not Express's `fresh`, which says no beside `Cache-Control: no-cache`: every `fetch` adds that by itself to a
 * request with `If-None-Match`.
 * @returns the tag as the client has it, which its cache knows the stored answer by; nothing when it has another version
 */
export function heldTag(
  etag: string | number | undefined,
  ifNoneMatch: string | string[] | undefined,
): string | undefined {
  if (typeof etag !== 'string' || ifNoneMatch === undefined) return undefined;
  const sent = String(ifNoneMatch).trim();
  if (sent === '*') return etag;
  return [...sent.matchAll(tags)].find(([, opaque]) => opaque === etag)?.[0];
}
