/** What the access audit keeps of a request: who asked, from where and for what, and which records left. */
import type { Disclosed } from '../contract/operations.js';

/**
 * `answered` in one piece. An answer that streams has two events: what it may give when it has `begun`, and what it gave
 * when it has `ended`; one that is `broken` gave that at most. `left`: the client was gone before there was an answer.
 */
export type Outcome = 'answered' | 'begun' | 'ended' | 'broken' | 'left' | 'refused';

export interface AccessEvent extends Disclosed {
  readonly outcome: Outcome;
  readonly requestId?: string;
  readonly status?: number;
  /** The problem's slug. */
  readonly refusal?: string | undefined;
  readonly method?: string;
  readonly operation?: string | undefined;
  readonly scheme?: string | undefined;
  readonly consumer?: string | undefined;
  readonly keyVersion?: string | undefined;
  /** The address that the request came from. */
  readonly client?: string;
  /** The parameters of the path, such as a record's id. */
  readonly asked?: Readonly<Record<string, string>> | undefined;
  readonly collection?: string;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch?: number;
  /** Of the end of a stream: the event of its beginning. */
  readonly begun?: EventPlace;
  /** Of refusals that are counted together. */
  readonly requests?: number;
  readonly clients?: readonly string[];
}

/** Where an event stands: the chain, and the number in it. */
export type EventPlace = readonly [chain: string, seq: number];

/** Whether the event is about records that left or may have left, or says how many of those that might have did. */
export function discloses({ records = 0, outcome }: AccessEvent): boolean {
  return records > 0 || outcome === 'begun' || outcome === 'ended' || outcome === 'broken';
}
