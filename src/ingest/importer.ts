/** Brings FHIR resources into the store: read, mapped, checked against the contract, written in batches. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import { type Batches, createBatches } from './batches.js';
import { derivationOf } from './completed.js';
import { createDayOf } from './fhir/date-time.js';
import { createTally, type ImportReport, type Reject } from './import-report.js';
import {
  createKnownLines,
  type KnownLines,
  type KnownPortion,
  type Sought,
} from './known-lines.js';
import { createSighter, type Sighter } from './missing.js';
import { takeKnown, takeLine, type Taking } from './process-line.js';
import { alone, ImportError, type Input, type Line } from './read/line.js';
import { createStaging } from './staging.js';
import { createStatistics, knownCodes, unusual } from './unusual.js';
import { watch, type WatchedInput } from './watched-input.js';
import type { LoadedFile, LoadEnd, LoadStart, PastLoad, PastLoadsOptions } from './write/loads.js';
import type { Unsettled } from './write/pending-batch.js';
import type { Sightings } from './write/seen-ids.js';
import type { Load, StagedRecord, WriteCounts } from './write/staged-record.js';

/** What the import asks of a store. */
export interface ImportStore {
  startLoad(load: LoadStart): Promise<Load>;
  /** @param records each id at most once, and all records of a resource together */
  write(
    collection: CollectionName,
    records: readonly StagedRecord[],
    load: Load,
    more: Pick<Unsettled, 'facts' | 'retract' | 'complete'>,
  ): Promise<WriteCounts>;
  knownResources(
    collection: CollectionName,
    resources: readonly Sought[],
    mapping: string,
  ): Promise<ReadonlySet<string>>;
  watchSightings<Result>(
    load: Load,
    work: (sightings: Sightings) => Promise<Result>,
  ): Promise<Result>;
  pastLoads(options: PastLoadsOptions): Promise<readonly PastLoad[]>;
  endLoad(load: Load, end: LoadEnd): Promise<void>;
}

export interface ImporterOptions {
  readonly contract: Contract;
  readonly store: ImportStore;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  /** Whether resources are kept beside what is made of them. */
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
  /** Told of each line, or part of one, that is not stored. What it throws ends the run. */
  readonly onReject?: (reject: Reject, line: Line) => void;
  readonly progress?: ImportProgress | undefined;
  /** The inputs are all that there is: what they no longer hold is marked missing, if it is not more than this. */
  readonly maxMissingPercent?: number | undefined;
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
      return store.watchSightings(started, (sightings) =>
        load(run, started, createSighter(sightings)),
      );
    },
  };
}

function createLoader(options: ImporterOptions) {
  const { contract, store, timeZone, clock = () => new Date(), keepSource = true } = options;
  const staging = createStaging(contract);
  const dayOf = createDayOf(timeZone);
  const derivations = new Map(
    contract.collections.map(({ name }) => [name, derivationOf(name, staging)]),
  );
  return async (run: ImportRun, load: Load, sighter?: Sighter): Promise<ImportReport> => {
    const { source, progress, onReject } = run;
    const tally = createTally(contract.collections.map(({ name }) => name));
    const statistics = createStatistics();
    const batches = createBatches({
      size: options.batchSize ?? 5000,
      write: async (collection, records, facts) => {
        const more = { ...derivations.get(collection), facts };
        tally.written(collection, await store.write(collection, records, load, more));
        progress?.records(records.length);
      },
      overtaken: tally.overtaken,
    });
    const context = { source, today: dayOf(clock()), dayOf };
    const { expectedOf } = options;
    const kept = { keepSource, expectedOf };
    const parts = { context, staging, batches, tally, statistics, ...kept, onReject, sighter };
    const lookUp = (collection: CollectionName, sought: readonly Sought[]) =>
      store.knownResources(collection, sought, load.mapping ?? '');
    // Without kept resources nothing can be known; what is derived anew must be read.
    const isKnowing = keepSource && expectedOf === undefined;
    const known = isKnowing ? createKnownLines({ source, lookUp }) : undefined;
    const files = await readAll(run, parts, known);
    const missing = await sighter?.mark(run.maxMissingPercent ?? 0);
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
  taking: Taking,
  knownLines: KnownLines | undefined,
): Promise<readonly LoadedFile[]> {
  const { batches, sighter } = taking;
  const files: LoadedFile[] = [];
  try {
    for (const input of inputs) {
      progress?.file(input);
      const watched = watch(input, progress?.bytes);
      for await (const { lines, known } of portionsOf(watched, batches, knownLines)) {
        signal?.throwIfAborted();
        for (const line of lines) {
          const same = known?.get(line);
          if (same !== undefined && takeKnown(same, taking)) continue;
          const own = known !== undefined && known.size > 0 ? alone(line) : line;
          for (const full of takeLine(own, input.name, taking)) await batches.flush(full);
        }
        await sighter?.flush();
      }
      files.push(watched.file());
    }
    await batches.end();
    return files;
  } finally {
    await batches.settle();
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

const folder = new URL('./fhir/', import.meta.url);
/** What also decides what a resource becomes. */
const beside = [
  '../completed',
  '../read/csv-row',
  '../read/line',
  '../staging',
  '../../contract/record-content',
];
const ending = extname(import.meta.filename);

/** Twelve hexadecimal digits, the same wherever the same build runs. */
export async function mappingVersion(timeZone: string): Promise<string> {
  const hash = createHash('sha256').update(timeZone);
  const names = (await readdir(folder)).filter((name) => /\.[jt]s$/.test(name)).sort();
  const others = beside.map((name) => `${name}${ending}`);
  for (const name of [...names, ...others]) hash.update(await readFile(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}
