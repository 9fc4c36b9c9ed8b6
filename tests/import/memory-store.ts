/** A store in memory, to watch how the importer reads and batches. */
import type { CollectionName } from '../../src/contract/collections.js';
import type { ImportStore } from '../../src/ingest/importer.js';
import { type Input, readLines } from '../../src/ingest/read/lines.js';
import type { StagedRow } from '../../src/ingest/write/staged-record.js';

const nothingStored = {
  findRecords: () => Promise.resolve([]),
  hasFacts: () => Promise.resolve(false),
  findFacts: () => Promise.resolve(new Map()),
  findFactsAbout: () => Promise.resolve(new Map()),
  replaceFacts: () => Promise.resolve(),
};

export function createMemoryStore({ beforeWrite = () => Promise.resolve() } = {}) {
  const batches: { readonly collection: CollectionName; readonly ids: readonly string[] }[] = [];
  const records = new Map<string, StagedRow>();
  const loads: unknown[] = [];
  let writing = 0;
  let mostAtOnce = 0;
  async function write(collection: CollectionName, batch: readonly StagedRow[]) {
    mostAtOnce = Math.max(mostAtOnce, (writing += 1));
    await beforeWrite();
    writing -= 1;
    batches.push({ collection, ids: batch.map(({ id }) => id) });
    const counts = { created: 0, updated: 0, unchanged: 0, older: 0 };
    for (const record of batch) {
      const known = records.get(record.id);
      if (known === undefined) counts.created += 1;
      else if (known.content === record.content) counts.unchanged += 1;
      else counts.updated += 1;
      records.set(record.id, record);
    }
    return counts;
  }

  const store: ImportStore = {
    startLoad: (load) => {
      loads.push(load);
      return Promise.resolve({ id: 1n, source: load.source });
    },
    inBatch: (collection, _load, work) =>
      work({ ...nothingStored, write: (rows) => write(collection, rows) }),
    knownResources: () => Promise.resolve(new Set()),
    trackSeen: () => Promise.reject(new Error('the memory store tracks no ids')),
    pastLoads: () => Promise.resolve([]),
    endLoad: (_, report) => {
      loads.push(report);
      return Promise.resolve();
    },
  };
  return { store, batches, records, loads, mostAtOnce: () => mostAtOnce };
}

export function inputOf(text: string, name = 'test.ndjson'): Input {
  async function* bytes(watch?: (chunk: Buffer) => void) {
    const chunk = await Promise.resolve(Buffer.from(text));
    watch?.(chunk);
    yield chunk;
  }
  return { name, lines: (watch) => readLines(bytes(watch)) };
}

export function patientLines(ids: readonly (string | number)[], extra: object = {}): string {
  return ids
    .map((id) => `${JSON.stringify({ resourceType: 'Patient', id: String(id), ...extra })}\n`)
    .join('');
}
