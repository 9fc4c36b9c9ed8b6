/** What BigQuery reads a change by, as the end of a message. */

/**
 * The higher number wins.
 * @param epoch the feed's history, 16 hexadecimal digits
 * @param position microseconds since 1970, written with 16 digits: the most that there may be
 * @returns what takes the place of a record's closing brace
 */
export function changeEnd(type: 'UPSERT' | 'DELETE', epoch: string, position: number): string {
  const number = `${epoch}/${position.toString(16).padStart(16, '0')}`;
  return `,"_CHANGE_TYPE":"${type}","_CHANGE_SEQUENCE_NUMBER":"${number}"}`;
}
