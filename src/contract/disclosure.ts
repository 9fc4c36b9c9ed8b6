/** Which versions of which records an answer discloses, told so that they can be found again whatever happens since. */

/**
 * The records that stood behind `after`, up to and with `through`, while `seen` was the feed's newest position: those
 * whose next version, where there is one, stands behind `seen`. Positions are microseconds since 1970.
 */
export interface DisclosedStretch {
  readonly after: number;
  readonly through: number;
  readonly seen: number;
}

/** What a stream has given so far. */
interface Given {
  readonly records: number;
  readonly stretches: readonly DisclosedStretch[];
}

interface OfCollection {
  readonly collection: string;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
}

export type Disclosure = OfCollection &
  (
    | {
        /** A page of a feed. */
        readonly kind: 'page';
        readonly records: number;
        readonly stretch: DisclosedStretch;
      }
    | {
        /** Single records, by their positions: what a look-up found would not be found by it again. */
        readonly kind: 'records';
        readonly positions: readonly number[];
        readonly filter?: object;
      }
    | {
        /** Known in full only when it has ended. */
        readonly kind: 'stream';
        /** What it gives at most. */
        readonly stretch: DisclosedStretch;
        readonly given: () => Given;
      }
    | {
        /** Count and digest of records, none of their contents. */
        readonly kind: 'digest';
        readonly digested: number;
        readonly stretch: DisclosedStretch;
      }
    | {
        /** Nothing that the client does not have already. */
        readonly kind: 'nothing';
      }
  );
