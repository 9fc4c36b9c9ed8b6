/** Brings FHIR resources into the store: read, mapped, checked against the contract, written in batches. */
import type { CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import type { Load, StagedRecord, WriteCounts } from '../store/staged-record.js';
import { type Batches, createBatches } from './batches.js';
import { createDayOf } from './fhir/date-time.js';
import { mapResource } from './fhir/map-resource.js';
import type { MappedRecord, Mapping, MappingContext, Rejected } from './fhir/mapping.js';
import { ImportError } from './import-error.js';
import { createTally, type ImportReport, type Reject, type Tally } from './import-report.js';
import type { Input, Line } from './line.js';
import { readJson } from './read-json.js';
import { createStaging, type Staging } from './staging.js';

/** What the import asks of a store. */
export interface ImportStore {
  startLoad(load: { readonly source: string; readonly files: readonly string[] }): Promise<Load>;
  /** @param records each id at most once */
  write(
    collection: CollectionName,
    records: readonly StagedRecord[],
    load: Load,
  ): Promise<WriteCounts>;
  endLoad(load: Load, counts: ImportReport): Promise<void>;
}

export interface ImporterOptions {
  readonly contract: Contract;
  readonly store: ImportStore;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  readonly clock?: () => Date;
  /** Records of a collection that are written at once. */
  readonly batchSize?: number;
}

interface ImportRun {
  readonly inputs: readonly Input[];
  /** The operator's name of the sending system. */
  readonly source: string;
  readonly onReject?: (reject: Reject) => void;
  /** Ends the run with the signal's reason; what was written before stays. */
  readonly signal?: AbortSignal;
}

export interface Importer {
  /** @throws ImportError when the source has no name that an id can begin with, or an input cannot be read */
  run(options: ImportRun): Promise<ImportReport>;
}

const sourceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function createImporter(options: ImporterOptions): Importer {
  const { contract, store, timeZone, clock = () => new Date(), batchSize = 5000 } = options;
  const staging = createStaging(contract);
  const dayOf = createDayOf(timeZone);
  const names = contract.collections.map(({ name }) => name);

  return {
    async run({ inputs, source, onReject, signal }) {
      if (!sourceName.test(source)) {
        throw new ImportError(
          'The source must be at most 64 letters, digits, dots, hyphens and underscores, and begin with a letter or digit',
        );
      }
      const files = inputs.map(({ name }) => name);
      const load = await store.startLoad({ source, files });
      const tally = createTally(names);
      const batches = createBatches({
        size: batchSize,
        write: async (collection, records) => {
          tally.written(collection, await store.write(collection, records, load));
        },
      });
      const context = { source, today: dayOf(clock()), dayOf };
      try {
        await readAll(inputs, { context, staging, batches, tally, onReject, signal });
        await batches.end();
      } finally {
        await batches.settle();
      }
      const report = tally.report(source, files);
      await store.endLoad(load, report);
      return report;
    },
  };
}

interface Reading {
  readonly context: MappingContext;
  readonly staging: Staging;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly onReject: ((reject: Reject) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

async function readAll(inputs: readonly Input[], reading: Reading): Promise<void> {
  for (const input of inputs) {
    for await (const portion of input.lines()) {
      reading.signal?.throwIfAborted();
      for (const line of portion) {
        const full = take(line, input.name, reading);
        if (full !== undefined) await reading.batches.flush(full);
      }
    }
  }
}

/** Takes what a line holds; the collection whose batch it filled, if it did. */
function take(line: Line, file: string, reading: Reading): CollectionName | undefined {
  const { context, tally, onReject } = reading;
  let full: CollectionName | undefined;
  const refuse = (rejected: Rejected) => {
    tally.rejected(rejected.collection);
    onReject?.({ ...rejected, file, line: line.number });
  };
  tally.line();
  for (const mapping of mappingsOf(line, context)) {
    switch (mapping.kind) {
      case 'skipped':
        tally.skipped(mapping.type);
        break;
      case 'rejected':
        if (mapping.collection !== undefined) tally.read(mapping.collection);
        refuse(mapping);
        break;
      case 'record':
        full = store(mapping, reading, refuse) ?? full;
        break;
    }
  }
  return full;
}

function store(
  mapped: MappedRecord,
  { staging, batches, tally }: Reading,
  refuse: (rejected: Rejected) => void,
): CollectionName | undefined {
  const { collection } = mapped;
  if (!staging.has(collection)) {
    tally.skipped(`${mapped.content.source_type} (${collection} are not served)`);
    return undefined;
  }
  tally.read(collection);
  const staged = staging.stage(mapped);
  if (staged.kind === 'rejected') {
    refuse(staged);
    return undefined;
  }
  tally.defects(collection, staged.defects);
  return batches.add(collection, staged.record) ? collection : undefined;
}

function mappingsOf(line: Line, context: MappingContext): readonly Mapping[] {
  if (line.kind === 'unreadable') {
    return [{ kind: 'rejected', pointer: '', rule: line.rule, reason: line.reason }];
  }
  let resource: unknown;
  try {
    resource = readJson(line.text);
  } catch (error) {
    // The parsers' own messages quote the text, which is a patient's.
    const reason = error instanceof RangeError ? 'must be less deeply nested' : 'must be JSON';
    return [{ kind: 'rejected', pointer: '', rule: 'json', reason }];
  }
  return mapResource(resource, context);
}
