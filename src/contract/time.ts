/** Times on the wire and positions in the store: RFC 3339 and microseconds since 1970. */

/** Always UTC `Z` and six fraction digits, so that text order is time order. */
export function timeOfPosition(position: number): string {
  const seconds = Math.floor(position / 1_000_000);
  const micros = String(position - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`;
}

/** @param time an RFC 3339 date-time with at most six fraction digits */
export function positionOfTime(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(time.replace(/\.\d+/, '')) / 1000);
  return seconds * 1_000_000 + Number(fraction.padEnd(6, '0'));
}
