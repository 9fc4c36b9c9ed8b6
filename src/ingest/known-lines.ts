/**
 * Lines that are, byte for byte, what a stored record was made from by this mapping: they need not be mapped again.
 *
 * Most lines of a repeated extract are unchanged, and reading, mapping and checking them costs far more than a digest. So
 * the id at the beginning of each line and the digest of its text are looked up in the database, a megabyte of lines a
 * round trip, while the lines before are processed. A batch that began to be written meanwhile may have changed what was
 * found, so those lines are looked up again. Where few lines are known, more and more portions are processed without
 * looking.
 */
import { hash } from 'node:crypto';
import type { CollectionName } from '../contract/collections.js';
import { recordId } from '../contract/record-id.js';
import type { Line } from './read/lines.js';

export interface KnownLine {
  readonly collection: CollectionName;
  readonly type: string;
  /** Of the resource's own record, its only one. */
  readonly id: string;
}

/** A resource whose record may be stored: its id, and the digest of what it was made from. */
export interface LookupKey {
  readonly id: string;
  readonly digest: string;
}

export interface KnownLines {
  /**
   * Portions with those of their lines that are known, each looked up while the one before is processed.
   * @param begun how many batches have begun to be written: what was looked up before that is looked up again
   */
  among(portions: AsyncIterable<readonly Line[]>, begun: () => number): AsyncIterable<KnownPortion>;
}

export interface KnownPortion {
  readonly lines: readonly Line[];
  readonly known?: ReadonlyMap<Line, KnownLine>;
}

interface KnownLinesOptions {
  readonly source: string;
  /** @returns the ids of those whose records are unchanged */
  readonly lookUp: (
    collection: CollectionName,
    keys: readonly LookupKey[],
  ) => Promise<ReadonlySet<string>>;
}

// What a Patient becomes depends also on the day, and a resource of several records is compared as a whole.
const collections = new Map<string | undefined, CollectionName>([
  ['Observation', 'lab_results'],
  ['Encounter', 'appointments'],
]);

/** Exports begin a resource so; whatever comes behind, the digest says whether it is the same. */
const beginning = /^\{"resourceType":"(?<type>[A-Z][A-Za-z]+)","id":"(?<id>[A-Za-z0-9.-]{1,64})"/;

/** Characters of lines that are looked up at a time: enough that the round trip costs little in comparison. */
const charactersATrip = 1024 * 1024;

/** A share of known lines below which looking costs more than it saves, and the most portions that are then left out. */
const worthwhile = 0.25;
const mostLeftOut = 64;

export function createKnownLines({ source, lookUp }: KnownLinesOptions): KnownLines {
  let leaveOut = 0;
  let leftToLeaveOut = 0;

  async function find(portion: readonly Line[]): Promise<ReadonlyMap<Line, KnownLine>> {
    const found = new Map<Line, KnownLine>();
    if (leftToLeaveOut > 0) {
      leftToLeaveOut -= 1;
      return found;
    }
    for (const [collection, lines] of candidates(portion, source)) {
      const known = await lookUp(collection, lines);
      for (const line of lines) if (known.has(line.id)) found.set(line.line, line);
    }
    const isWorthwhile = found.size >= portion.length * worthwhile;
    leaveOut = isWorthwhile ? 0 : Math.min(mostLeftOut, leaveOut * 2 + 1);
    leftToLeaveOut = leaveOut;
    return found;
  }

  return {
    async *among(portions, begun) {
      const start = (lines: readonly Line[]) => {
        const finding = find(lines);
        // A failure is thrown where the lines are processed.
        finding.catch(() => undefined);
        return { lines, finding, begun: begun() };
      };
      const finish = async ({ lines, finding, begun: before }: ReturnType<typeof start>) => {
        const known = await finding;
        return { lines, known: before === begun() ? known : await find(lines) };
      };
      let ahead: ReturnType<typeof start> | undefined;
      for await (const lines of gathered(portions)) {
        const next = start(lines);
        if (ahead !== undefined) yield finish(ahead);
        ahead = next;
      }
      if (ahead !== undefined) yield finish(ahead);
    },
  };
}

async function* gathered(
  portions: AsyncIterable<readonly Line[]>,
): AsyncGenerator<readonly Line[]> {
  let lines: Line[] = [];
  let characters = 0;
  for await (const portion of portions) {
    for (const line of portion) {
      lines.push(line);
      if (line.kind === 'text') characters += line.text.length;
    }
    if (characters < charactersATrip) continue;
    yield lines;
    lines = [];
    characters = 0;
  }
  yield lines;
}

interface Candidate extends KnownLine, LookupKey {
  readonly line: Line;
}

function candidates(portion: readonly Line[], source: string) {
  const lines = new Map<CollectionName, Candidate[]>();
  const ids = new Set<string>();
  for (const line of portion) {
    if (line.kind !== 'text' || line.text.includes('"component"')) continue;
    const { type, id: own } = beginning.exec(line.text)?.groups ?? {};
    const collection = collections.get(type);
    if (collection === undefined || type === undefined || own === undefined) continue;
    const id = recordId(source, type, own);
    // Of an id that occurs twice both lines are read, in their order.
    if (ids.has(id)) continue;
    ids.add(id);
    const candidate = { line, collection, type, id, digest: resourceDigest(line.text, false) };
    const others = lines.get(collection);
    if (others === undefined) lines.set(collection, [candidate]);
    else others.push(candidate);
  }
  return lines;
}

/** 60 bits of the text and one that says whether something of it was left out of the record; hexadecimal. */
export function resourceDigest(text: string, isFlawed: boolean): string {
  return `${hash('sha1', text).slice(0, 15)}${isFlawed ? '1' : '0'}`;
}
