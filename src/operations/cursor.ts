/** A position in a feed or a filtered query as an opaque token, bound to its collection, history and filter. */
import { hash } from 'node:crypto';
import type { Filter } from '../feed/page.js';
import { problems } from '../problem.js';

export interface Cursor {
  readonly collection: string;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
  /** The list goes on behind this position: microseconds since 1970. */
  readonly position: number;
  readonly filter: Filter;
}

/** The token holds a digest of the filter: a patient's id does not belong into saved positions. */
export function writeCursor({ collection, epoch, position, filter }: Cursor): string {
  const text = [collection, epochText(epoch), position.toString(16), filterMark(filter)].join('.');
  return Buffer.from(text).toString('base64url');
}

/** @throws a 400 problem when the token is unreadable, or of another collection or filter */
export function readCursor(token: string, collection: string, filter: Filter) {
  const text = Buffer.from(token, 'base64url').toString();
  const parts = /^([a-z0-9_]+)\.([0-9a-f]{16})\.([0-9a-f]{1,13})\.([0-9a-f]*)$/.exec(text);
  if (parts === null || Buffer.from(text).toString('base64url') !== token) {
    throw problems.invalidCursor(
      'must be a value that Next-Cursor or a Link of this service gave, unchanged',
    );
  }
  const [, from = '', epoch = '', position = '', mark = ''] = parts;
  if (from !== collection) {
    throw problems.invalidCursor(
      `is a position in ${from}; each collection has cursors of its own`,
    );
  }
  if (mark !== filterMark(filter)) {
    throw problems.invalidCursor(
      'belongs to a list with another filter; send the same filter parameters with it',
    );
  }
  return { epoch: Number.parseInt(epoch, 16), position: Number.parseInt(position, 16) };
}

/** Where a cursor that this service wrote stands; nothing for those of filtered lists. */
export function placeOfCursor(token: string) {
  const [collection = '', , position = '', mark] = Buffer.from(token, 'base64url')
    .toString()
    .split('.');
  return mark === '' ? { collection, position: Number.parseInt(position, 16) } : undefined;
}

/** An epoch as `Feed-Epoch` shows it: 16 hexadecimal digits. */
export function epochText(epoch: number): string {
  return epoch.toString(16).padStart(16, '0');
}

function filterMark(filter: Filter): string {
  const used = Object.entries(filter).filter(([, value]) => value !== undefined);
  if (used.length === 0) return '';
  return hash('sha256', JSON.stringify(used.sort()), 'hex').slice(0, 16);
}
