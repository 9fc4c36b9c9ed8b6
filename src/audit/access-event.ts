/** What the access audit keeps of a request: who asked, from where and for what, and which records left. */

/**
 * `answered` in one piece. An answer that streams has two events: what it may give when it has `begun`, and what it gave
 * when it has `ended`; one that is `broken` gave that at most. `left`: the client was gone before there was an answer.
 */
export type Outcome = 'answered' | 'begun' | 'ended' | 'broken' | 'left' | 'refused';

export interface AccessEvent {
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
  /** How many records left. */
  readonly records?: number;
  /** Each [after, through, seen]: see `DisclosedStretch`. */
  readonly stretches?: readonly (readonly [number, number, number])[];
  readonly positions?: readonly number[];
  /** The parameters by which a look-up found its records. */
  readonly filter?: object | undefined;
  /** How many records a digest covers. */
  readonly digested?: number;
  /** Of the end of a stream: the event of its beginning. */
  readonly begun?: EventPlace;
  /** Of refusals that are counted together. */
  readonly requests?: number;
  readonly clients?: readonly string[];
}

/** Where an event stands: the chain, and the number in it. */
export type EventPlace = readonly [chain: string, seq: number];

/** Whether the event tells of records that left or may have left, or takes back that they may. */
export function discloses({ records = 0, outcome }: AccessEvent): boolean {
  return records > 0 || outcome === 'begun' || outcome === 'ended' || outcome === 'broken';
}
