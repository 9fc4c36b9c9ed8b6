/** Brings FHIR resources into the store: read, mapped, checked against the contract, written in batches. */
import type { CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import type { LoadEnd, LoadStart, LoadedFile } from '../store/loads.js';
import type { Load, StagedRecord, WriteCounts } from '../store/staged-record.js';
import { createBatches } from './batches.js';
import { createDayOf } from './fhir/date-time.js';
import { ImportError } from './import-error.js';
import { createTally, type ImportReport, type Reject } from './import-report.js';
import type { Input, Line } from './line.js';
import { mappingVersion } from './mapping-version.js';
import { retractedContent } from './retracted-content.js';
import { createStaging } from './staging.js';
import { createStatistics } from './statistics.js';
import { type Taking, takeLine } from './take-line.js';
import { watch } from './watched-input.js';

/** What the import asks of a store. */
export interface ImportStore {
  startLoad(load: LoadStart): Promise<Load>;
  /** @param records each id at most once, and all records of a resource together */
  write(
    collection: CollectionName,
    records: readonly StagedRecord[],
    load: Load,
    retract: (content: string) => string,
  ): Promise<WriteCounts>;
  endLoad(load: Load, end: LoadEnd): Promise<void>;
}

export interface ImporterOptions {
  readonly contract: Contract;
  readonly store: ImportStore;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  /** Whether resources are kept beside what is made of them. */
  readonly keepSource?: boolean;
  readonly clock?: () => Date;
  /** Records of a collection that are written at once. */
  readonly batchSize?: number;
}

export interface ImportRun {
  readonly inputs: readonly Input[];
  /** The operator's name of the sending system. */
  readonly source: string;
  /** Told of each line, or part of one, that is not stored. What it throws ends the run. */
  readonly onReject?: (reject: Reject, line: Line) => void;
  readonly progress?: ImportProgress;
  /** Ends the run with the signal's reason; what was written before stays. */
  readonly signal?: AbortSignal;
}

/** Told of what was read and written, as it happens. */
export interface ImportProgress {
  file: (input: Input) => void;
  bytes: (count: number) => void;
  records: (count: number) => void;
}

export interface Importer {
  /** @throws ImportError when the source has no name that an id can begin with, or an input cannot be read */
  run(options: ImportRun): Promise<ImportReport>;
}

const sourceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function createImporter(options: ImporterOptions): Importer {
  const { contract, store, timeZone, clock = () => new Date(), keepSource = true } = options;
  const staging = createStaging(contract);
  const dayOf = createDayOf(timeZone);
  const names = contract.collections.map(({ name }) => name);

  return {
    async run({ inputs, source, onReject, progress, signal }) {
      assertSource(source);
      const files = inputs.map(({ name }) => name);
      const load = await store.startLoad({ source, files, mapping: await mappingVersion() });
      const tally = createTally(names);
      const statistics = createStatistics();
      const batches = createBatches({
        size: options.batchSize ?? 5000,
        write: async (collection, records) => {
          const retract = retractedContent(collection);
          tally.written(collection, await store.write(collection, records, load, retract));
          progress?.records(records.length);
        },
        overtaken: tally.overtaken,
      });
      const context = { source, today: dayOf(clock()), dayOf };
      const taking = { context, staging, batches, tally, statistics, keepSource, onReject };
      const read = await readAll({ inputs, progress, signal }, taking);
      const report = tally.report(source, read);
      await store.endLoad(load, {
        files: read,
        counts: { ...report, files: undefined, units: statistics.units() },
      });
      return report;
    },
  };
}

function assertSource(source: string): void {
  if (sourceName.test(source)) return;
  throw new ImportError(
    'The source must be at most 64 letters, digits, dots, hyphens and underscores, and begin with a letter or digit',
  );
}

interface Reading {
  readonly inputs: readonly Input[];
  readonly progress: ImportProgress | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Ends when everything is written, or nothing is being written any more. */
async function readAll(
  { inputs, progress, signal }: Reading,
  taking: Taking,
): Promise<readonly LoadedFile[]> {
  const { batches } = taking;
  const files: LoadedFile[] = [];
  try {
    for (const input of inputs) {
      progress?.file(input);
      const watched = watch(input, progress?.bytes);
      for await (const portion of watched.lines()) {
        signal?.throwIfAborted();
        for (const line of portion) {
          for (const full of takeLine(line, input.name, taking)) await batches.flush(full);
        }
      }
      files.push(watched.file());
    }
    await batches.end();
    return files;
  } finally {
    await batches.settle();
  }
}
