/** Gathers records into batches and writes one while the next is being filled. */
import type { CollectionName } from '../contract/collections.js';
import type { StagedRecord } from '../store/staged-record.js';

export interface Batches {
  /** Whether the batch is full, so that the caller has to wait for `flush`. An id that stands twice has its later record. */
  add(collection: CollectionName, record: StagedRecord): boolean;
  /** Waits for the write that runs, then begins the next. */
  flush(collection: CollectionName): Promise<void>;
  /** Writes what is left and waits until all is written. */
  end(): Promise<void>;
  /** Waits until nothing is being written, whether it went well or not. */
  settle(): Promise<void>;
}

interface BatchesOptions {
  readonly size: number;
  readonly write: (collection: CollectionName, records: readonly StagedRecord[]) => Promise<void>;
}

export function createBatches({ size, write }: BatchesOptions): Batches {
  const filling = new Map<CollectionName, Map<string, StagedRecord>>();
  let writing: Promise<void> = Promise.resolve();

  async function flush(collection: CollectionName): Promise<void> {
    const batch = filling.get(collection);
    if (batch === undefined) return;
    filling.delete(collection);
    await writing;
    writing = write(collection, [...batch.values()]);
    // A failure is thrown where the write is waited for, which may be a batch later.
    writing.catch(() => undefined);
  }

  return {
    add(collection, record) {
      const batch = filling.get(collection) ?? new Map<string, StagedRecord>();
      filling.set(collection, batch);
      batch.set(record.id, record);
      return batch.size >= size;
    },
    flush,
    async end() {
      for (const collection of [...filling.keys()]) await flush(collection);
      await writing;
    },
    async settle() {
      await writing.catch(() => undefined);
    },
  };
}
