/** What the headers of a list say of the feed. */
import { HistoryEnded, RequestRefused } from './faults.js';

export interface Head {
  /** The position behind the answer. */
  readonly cursor: string;
  readonly more: boolean;
  readonly epoch: string;
  readonly position: string;
  /** Whether the service says that it held the answer back. */
  readonly held: boolean;
}

export function headOf({ status, headers }: Response): Head {
  const header = (name: string): string => {
    const value = headers.get(name);
    if (value !== null) return value;
    throw new RequestRefused(status, {
      ...{ type: 'about:blank', title: 'Not a feed', status },
      detail: `no ${name} came with it: a proxy took it away, or it is no header that this page may read`,
    });
  };
  return {
    cursor: header('next-cursor'),
    more: /;\s*rel="?next"?/.test(headers.get('link') ?? ''),
    epoch: header('feed-epoch'),
    position: header('feed-position'),
    held: /\bwait=/.test(headers.get('preference-applied') ?? ''),
  };
}

/** A place in a feed, as far as it is known. */
export interface Place {
  readonly cursor?: string | undefined;
  readonly updatedSince?: string | undefined;
  readonly epoch?: string | undefined;
}

/**
 * The service looks after cursors itself. A time it takes as it comes: where the feed has not reached it yet, the store
 * is an earlier one.
 * @throws HistoryEnded
 */
export function assertSameHistory({ cursor, updatedSince, epoch }: Place, head: Head): void {
  if (epoch === undefined) return;
  const isAhead =
    cursor === undefined &&
    updatedSince !== undefined &&
    Date.parse(updatedSince) > Date.parse(head.position);
  if (epoch !== head.epoch || isAhead) throw new HistoryEnded(head.epoch);
}
