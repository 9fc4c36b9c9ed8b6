/** Loads inputs of FHIR resources into the store: read, mapped, checked against the contract, written in batches. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import { type Batches, createBatches } from './batches.js';
import { createComplete } from './complete-record.js';
import { createDayOf } from './fhir/data-types.js';
import { createTally, type ImportReport, type Reject } from './import-report.js';
import {
  createKnownLines,
  type KnownLines,
  type KnownPortion,
  type LookupKey,
} from './known-lines.js';
import { countKnownLine, type IngestContext, processLine } from './process-line.js';
import { detached, ImportError, type Input, type Line } from './read/lines.js';
import { type BatchStore, writeBatch } from './resolve-batch.js';
import { createSeenTracker, type SeenTracker } from './seen-tracker.js';
import { createStatistics, knownCodes, unusual } from './unusual.js';
import { createRecordValidator } from './validate-record.js';
import type {
  LoadedFile,
  LoadEnd,
  LoadStart,
  PastLoad,
  PastLoadsOptions,
} from './write/load-store.js';
import type { SeenIds } from './write/seen-ids.js';
import type { Load } from './write/staged-record.js';

/** What the importer needs of a store. */
export interface ImportStore extends BatchStore {
  startLoad(load: LoadStart): Promise<Load>;
  knownResources(
    collection: CollectionName,
    resources: readonly LookupKey[],
    mapping: string,
  ): Promise<ReadonlySet<string>>;
  trackSeen<Result>(load: Load, work: (seen: SeenIds) => Promise<Result>): Promise<Result>;
  pastLoads(options: PastLoadsOptions): Promise<readonly PastLoad[]>;
  endLoad(load: Load, end: LoadEnd): Promise<void>;
}

export interface ImporterOptions {
  readonly contract: Contract;
  readonly store: ImportStore;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  /** Whether resources are kept along with the records made of them. */
  readonly keepSource?: boolean;
  /** The position that a stored record has to be at still to be written; none when any will do. */
  readonly expectedOf?: (id: string) => string | undefined;
  readonly clock?: () => Date;
  /** Records of a collection that are written at once. */
  readonly batchSize?: number;
}

export interface ImportRun {
  readonly inputs: readonly Input[];
  /** The operator's name of the sending system. */
  readonly source: string;
  /** Called for each line, or part of one, that is not stored. What it throws ends the run. */
  readonly onReject?: (reject: Reject, line: Line) => void;
  readonly progress?: ImportProgress | undefined;
  /** The inputs are all that there is: what they no longer hold is marked missing, if it is not more than this. */
  readonly maxMissingPercent?: number | undefined;
  /** Ends the run with the signal's reason; what was written before stays. */
  readonly signal?: AbortSignal;
}

/** Called with what was read and written, as it happens. */
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

/** Loads of the same source that a new one is compared with. */
const comparedLoads = 10;

export function createImporter(options: ImporterOptions): Importer {
  const { store } = options;
  const load = createLoader(options);
  return {
    async run(run) {
      const { source, inputs, maxMissingPercent } = run;
      assertSource(source);
      const files = inputs.map(({ name }) => name);
      const mapping = await mappingVersion(options.timeZone);
      const started = await store.startLoad({ source, files, mapping });
      if (maxMissingPercent === undefined) return load(run, started);
      return store.trackSeen(started, (seen) => load(run, started, createSeenTracker(seen)));
    },
  };
}

function createLoader(options: ImporterOptions) {
  const { contract, store, timeZone, clock = () => new Date(), keepSource = true } = options;
  const validator = createRecordValidator(contract);
  const dayOf = createDayOf(timeZone);
  return async (run: ImportRun, load: Load, seenTracker?: SeenTracker): Promise<ImportReport> => {
    const { source, progress, onReject } = run;
    const tally = createTally(contract.collections.map(({ name }) => name));
    const statistics = createStatistics();
    const batches = createBatches({
      size: options.batchSize ?? 5000,
      write: async (collection, records, facts) => {
        const complete = createComplete(collection, validator);
        const batch = { collection, records, facts };
        tally.written(collection, await writeBatch(store, batch, load, complete));
        progress?.records(records.length);
      },
      overtaken: tally.overtaken,
    });
    const context = { source, today: dayOf(clock()), dayOf };
    const { expectedOf } = options;
    const kept = { keepSource, expectedOf };
    const parts = {
      context,
      validator,
      batches,
      tally,
      statistics,
      ...kept,
      onReject,
      seenTracker,
    };
    const lookUp = (collection: CollectionName, keys: readonly LookupKey[]) =>
      store.knownResources(collection, keys, load.mapping ?? '');
    // Without kept resources no line can be recognised; what is derived anew must be read.
    const canSkipKnown = keepSource && expectedOf === undefined;
    const known = canSkipKnown ? createKnownLines({ source, lookUp }) : undefined;
    const files = await readAll(run, parts, known);
    const missing = await seenTracker?.mark(run.maxMissingPercent ?? 0);
    const past = await store.pastLoads({ source, limit: comparedLoads, ended: true });
    const units = statistics.units();
    const codes = knownCodes(units, past);
    const warnings = unusual({ read: tally.counts('read'), units }, past);
    const report = tally.report({ source, files, warnings, ...(missing && { missing }) });
    await store.endLoad(load, { files, counts: { ...report, files: undefined, units, codes } });
    return report;
  };
}

function assertSource(source: string): void {
  if (sourceName.test(source)) return;
  throw new ImportError(
    'The source must be at most 64 letters, digits, dots, hyphens and underscores, and begin with a letter or digit',
  );
}

/** Ends when everything is written, or nothing is being written any more. */
async function readAll(
  { inputs, progress, signal }: ImportRun,
  context: IngestContext,
  knownLines: KnownLines | undefined,
): Promise<readonly LoadedFile[]> {
  const { batches, seenTracker } = context;
  const files: LoadedFile[] = [];
  try {
    for (const input of inputs) {
      progress?.file(input);
      const watched = watch(input, progress?.bytes);
      for await (const { lines, known } of portionsOf(watched, batches, knownLines)) {
        signal?.throwIfAborted();
        for (const line of lines) {
          const same = known?.get(line);
          if (same !== undefined && countKnownLine(same, context)) continue;
          const own = known !== undefined && known.size > 0 ? detached(line) : line;
          for (const full of processLine(own, input.name, context)) await batches.flush(full);
        }
        await seenTracker?.flush();
      }
      files.push(watched.file());
    }
    await batches.end();
    return files;
  } finally {
    await batches.idle();
  }
}

async function* portionsOf(
  watched: WatchedInput,
  batches: Batches,
  knownLines: KnownLines | undefined,
): AsyncGenerator<KnownPortion> {
  if (knownLines !== undefined) {
    yield* knownLines.among(watched.lines(), () => batches.begun());
  } else for await (const lines of watched.lines()) yield { lines };
}

interface WatchedInput {
  lines(): AsyncIterable<readonly Line[]>;
  /** True once the lines were read to their end. */
  file(): LoadedFile;
}

/** The input, whose length and SHA-256 are known once it was read. */
function watch(input: Input, onBytes?: (count: number) => void): WatchedInput {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    lines: () =>
      input.lines((chunk) => {
        hash.update(chunk);
        bytes += chunk.length;
        onBytes?.(chunk.length);
      }),
    file: () => ({ name: input.name, bytes, sha256: hash.digest('hex') }),
  };
}

const folder = new URL('./fhir/', import.meta.url);
/** What else decides what a resource becomes. */
const otherSources = [
  '../complete-record',
  '../read/read-csv',
  '../read/lines',
  '../validate-record',
  '../../contract/record-content',
];
const ending = extname(import.meta.filename);

/** Twelve hexadecimal digits, the same wherever the same build runs. */
export async function mappingVersion(timeZone: string): Promise<string> {
  const hash = createHash('sha256').update(timeZone);
  const names = (await readdir(folder)).filter((name) => /\.[jt]s$/.test(name)).sort();
  const others = otherSources.map((name) => `${name}${ending}`);
  for (const name of [...names, ...others]) hash.update(await readFile(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}
