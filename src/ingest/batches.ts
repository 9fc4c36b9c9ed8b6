/** Gathers resources into batches and writes one while the next is being filled. */
import type { CollectionName } from '../contract/collections.js';
import type { StagedFact, StagedRecord } from './write/staged-record.js';

/** The records of one resource: all of one collection. */
interface StagedResource {
  readonly collection: CollectionName;
  /** The id of the resource's own record, whether or not it has one. */
  readonly id: string;
  readonly records: readonly StagedRecord[];
  /** What it says of records of other resources. */
  readonly fact?: StagedFact | undefined;
}

export interface Batches {
  /** Whether the batch is full, so that the caller has to wait for `flush`. Of one id the newest version is written. */
  add(resource: StagedResource): boolean;
  /** Whether a version of the resource waits to be written, or is being written. */
  isPending(collection: CollectionName, id: string): boolean;
  /** How many batches have begun to be written. */
  begun(): number;
  /** Waits for the write that runs, then begins the next. */
  flush(collection: CollectionName): Promise<void>;
  /** Writes what is left and waits until all is written. */
  end(): Promise<void>;
  /** Waits until nothing is being written, whether or not that failed. */
  idle(): Promise<void>;
}

interface BatchesOptions {
  /** Records of a batch. */
  readonly size: number;
  /** @param records each id at most once */
  readonly write: (
    collection: CollectionName,
    records: readonly StagedRecord[],
    facts: readonly StagedFact[],
  ) => Promise<void>;
  /** Records of a version that was left out, because the batch has a newer one. */
  readonly overtaken: (collection: CollectionName, count: number) => void;
}

type Round = Map<string, StagedResource>;

/** Rounds are written one after the other: each has a resource at most once. */
interface Filling {
  readonly rounds: Round[];
  size: number;
}

export function createBatches({ size, write, overtaken }: BatchesOptions): Batches {
  const filling = new Map<CollectionName, Filling>();
  let writing: Promise<void> = Promise.resolve();
  let inWriting: Filling | undefined;
  let begun = 0;

  async function flush(collection: CollectionName): Promise<void> {
    const batch = filling.get(collection);
    if (batch === undefined) return;
    filling.delete(collection);
    await writing;
    inWriting = batch;
    begun += 1;
    writing = writeRounds(collection, batch);
    // A failure is thrown where the write is waited for, which may be a batch later.
    writing.catch(() => undefined);
  }

  async function writeRounds(collection: CollectionName, { rounds }: Filling): Promise<void> {
    for (const round of rounds) await write(collection, recordsOf(round), factsOf(round));
  }

  return {
    add(resource) {
      const { collection, records, fact } = resource;
      const batch = filling.get(collection) ?? { rounds: [], size: 0 };
      filling.set(collection, batch);
      const left = place(batch.rounds, resource);
      if (left > 0) overtaken(collection, left);
      batch.size += records.length + (fact === undefined ? 0 : 1) - left;
      return batch.size >= size;
    },
    isPending: (collection, id) =>
      hasResource(filling.get(collection), id) || hasResource(inWriting, id),
    begun: () => begun,
    flush,
    async end() {
      for (const collection of [...filling.keys()]) await flush(collection);
      await writing;
    },
    async idle() {
      await writing.catch(() => undefined);
    },
  };
}

function hasResource(batch: Filling | undefined, id: string): boolean {
  return batch?.rounds.some((round) => round.has(id)) ?? false;
}

function recordsOf(round: Round): readonly StagedRecord[] {
  return [...round.values()].flatMap(({ records }) => records);
}

function factsOf(round: Round): readonly StagedFact[] {
  return [...round.values()].flatMap(({ fact }) => (fact === undefined ? [] : [fact]));
}

/** @returns how many records are not to be written */
function place(rounds: Round[], resource: StagedResource): number {
  const { id, records } = resource;
  const last = rounds.findLast((round) => round.has(id));
  const known = last?.get(id);
  if (last === undefined || known === undefined) {
    const [first = new Map<string, StagedResource>()] = rounds;
    if (rounds.length === 0) rounds.push(first);
    first.set(id, resource);
    return 0;
  }
  if (!haveSameIds(known.records, records)) {
    // Which records the newer one no longer has is found against what is stored.
    const next = rounds[rounds.indexOf(last) + 1] ?? new Map<string, StagedResource>();
    if (rounds.at(-1) === last) rounds.push(next);
    next.set(id, resource);
    return 0;
  }
  last.set(id, newer(known, resource));
  return records.length;
}

function haveSameIds(one: readonly StagedRecord[], other: readonly StagedRecord[]): boolean {
  return one.length === other.length && one.every(({ id }, index) => id === other[index]?.id);
}

/** The later one, unless both say their version and it is the older. */
function newer(earlier: StagedResource, later: StagedResource): StagedResource {
  const { sourceVersion: before, unconditional = false } = versionOf(earlier);
  const { sourceVersion: after } = versionOf(later);
  if (before !== undefined && after !== undefined && after < before) return earlier;
  // What comes after a version without a number is written, whatever was stored before.
  if (!unconditional && before !== undefined) return later;
  const { records, fact } = later;
  return {
    ...later,
    records: records.map((record) => ({ ...record, unconditional: true })),
    fact: fact && { ...fact, unconditional: true },
  };
}

/** All that a resource becomes has one version. */
function versionOf({
  records,
  fact,
}: StagedResource): Pick<StagedRecord, 'sourceVersion' | 'unconditional'> {
  return records[0] ?? fact ?? {};
}
