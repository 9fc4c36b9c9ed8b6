/** Times of the feed as positions: microseconds since 1970. */

/** @param time RFC 3339 in UTC with six fraction digits, as the service writes them */
export function positionOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
}
