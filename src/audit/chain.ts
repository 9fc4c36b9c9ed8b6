/**
 * The chain of the access audit: each link holds a digest of the one before it.
 *
 * `hash` is SHA-256 over the hash before, a line feed and the JSON text of the event, which names its own chain, number
 * and time. So no link can be changed, taken out or moved without breaking every hash after it. Each process writes a
 * chain of its own and keeps its head in memory, so that processes never wait for each other. What a chain alone cannot
 * show is that its end was cut off, or all of it rebuilt: for that its head is anchored outside of the database
 * (anchor-scheduler.ts), and verify.ts compares both.
 */
import { hash, randomUUID } from 'node:crypto';
import type { Disclosed } from '../contract/operations.js';

/** One link as it is kept. */
export interface Link {
  readonly chain: string;
  /** 1, 2, 3 … */
  readonly seq: number;
  /** When it was written: RFC 3339. */
  readonly at: string;
  /** The collection of which records left. */
  readonly discloses: string | undefined;
  /** JSON text: place, time and facts, as they are digested. */
  readonly event: string;
  /** SHA-256, hexadecimal, see `digestOf`. */
  readonly hash: string;
}

/** What the first link of a chain follows. */
export const nothingBefore = '0'.repeat(64);

export function digestOf(hashBefore: string, event: string): string {
  return hash('sha256', `${hashBefore}\n${event}`, 'hex');
}

export interface Chain {
  readonly id: string;
  /** The newest link that was kept: number and digest. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** Links that would follow the head. */
  extend(events: readonly AccessEvent[], at: string): readonly Link[];
  /** The links are kept. */
  advance(links: readonly Link[]): void;
}

/** Each writer has a chain of its own, so that none waits for another, and keeps its head in its memory. */
export function createChain(): Chain {
  const id = randomUUID();
  let head = { seq: 0, hash: nothingBefore };
  return {
    id,
    get head() {
      return head;
    },
    extend: (events, at) => {
      let { seq, hash: before } = head;
      return events.map((event) => {
        seq += 1;
        const place: EventPlace = [id, seq];
        const text = JSON.stringify({ place, at, ...event });
        before = digestOf(before, text);
        const collection = discloses(event) ? event.collection : undefined;
        return { chain: id, seq, at, discloses: collection, event: text, hash: before };
      });
    },
    advance: (links) => {
      head = links.at(-1) ?? head;
    },
  };
}

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
