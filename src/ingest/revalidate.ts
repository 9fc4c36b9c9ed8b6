/** Brings stored records to the present contract: as they are, derived anew, or with nothing where a value no longer fits. */
import type { Collection, CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import {
  type RecordContent,
  recordContentOf,
  retractedContent,
} from '../contract/record-content.js';
import type { Store } from '../store.js';
import { derivationOf } from './completed.js';
import { createDayOf } from './fhir/date-time.js';
import type { MappedRecord } from './fhir/mapping.js';
import { mapText } from './process-line.js';
import { createStaging, type Staging } from './staging.js';
import type { Load } from './write/staged-record.js';
import type { StagedRow } from './write/staging-table.js';
import type { StoredRow } from './write/stored-rows.js';

export interface RevalidateOptions {
  readonly store: Store;
  readonly contract: Contract;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  readonly clock?: () => Date;
  readonly onPage?: (collection: string, records: number) => void;
  /** A record that cannot be brought along; it stays as it is. */
  readonly onMisfit: (misfit: Misfit) => void;
  readonly signal?: AbortSignal;
}

export interface Misfit {
  readonly collection: string;
  readonly id: string;
  /** JSON pointer into the record. */
  readonly pointer: string;
  readonly rule: string;
}

export interface Revalidated {
  readonly fitting: number;
  readonly changed: number;
  readonly misfits: number;
}

const rowsAPage = 1000;
/** Rounds that are begun again because another service wrote under its own contract meanwhile. */
const mostRounds = 5;

/** Online and resumable: every page is a transaction of its own, and what is done is not looked at again. */
export async function revalidate(options: RevalidateOptions): Promise<Revalidated> {
  const { store, contract } = options;
  const waiting = new Set((await store.waitingRecords()).map(({ collection }) => collection));
  const total = { fitting: 0, changed: 0, misfits: 0 };
  if (waiting.size === 0) return total;
  const load = await store.startLoad({ source: 'revalidate', files: [] });
  const parts = partsOf(options);
  for (const collection of contract.collections.filter(({ name }) => waiting.has(name))) {
    for (let round = 1; ; round += 1) {
      await store.beginRevalidation(collection.name);
      const misfits = await runRound({ ...options, ...parts, collection, load, total });
      total.misfits += misfits;
      if ((await store.endRevalidation(collection.name)) || misfits > 0 || round >= mostRounds)
        break;
    }
  }
  await store.endLoad(load, { files: [], counts: total });
  return total;
}

function partsOf({ contract, timeZone, clock = () => new Date() }: RevalidateOptions) {
  const dayOf = createDayOf(timeZone);
  return { staging: createStaging(contract), today: dayOf(clock()), dayOf };
}

interface Round extends RevalidateOptions, ReturnType<typeof partsOf> {
  readonly collection: Collection;
  readonly load: Load;
  readonly total: { fitting: number; changed: number };
}

/** @returns how many records could not be brought along */
async function runRound(round: Round): Promise<number> {
  const { store, collection, load, total, signal, onPage, onMisfit } = round;
  const { name } = collection;
  const content = recordContentOf(collection);
  const { complete } = derivationOf(name, round.staging);
  const through = await store.lastPosition(name);
  let misfits = 0;
  for (let after = '0'; ;) {
    signal?.throwIfAborted();
    const page = { collection: name, after, through, limit: rowsAPage };
    const rows = await store.rowsOfOtherContracts(page);
    const last = rows.at(-1);
    if (last === undefined) return misfits;
    after = last.position;
    const fitting: StoredRow[] = [];
    const changed: StagedRow[] = [];
    for (const row of rows) {
      const found = bring(row, content, round);
      if (found.kind === 'fits') fitting.push(row);
      else if (found.kind === 'changed') changed.push(found.row);
      else {
        misfits += 1;
        onMisfit({ collection: name, id: row.id, pointer: found.pointer, rule: found.rule });
      }
    }
    await store.rewrite({ collection: name, load, fitting, changed, complete });
    total.fitting += fitting.length;
    total.changed += changed.length;
    onPage?.(name, rows.length);
  }
}

type Brought =
  | { readonly kind: 'fits' }
  | { readonly kind: 'changed'; readonly row: StagedRow }
  | { readonly kind: 'misfit'; readonly pointer: string; readonly rule: string };

function bring(row: StoredRow, content: RecordContent, round: Round): Brought {
  const { collection, staging } = round;
  const stored = JSON.parse(row.content) as Readonly<Record<string, unknown>>;
  const fields = Object.fromEntries(
    collection.contentFields.map((field) => [field, stored[field] ?? null]),
  );
  if (content.serialise(fields) === row.content && content.faults(fields).length === 0) {
    return { kind: 'fits' };
  }
  const derived = row.recordState === 'erased' ? undefined : derive(row, round);
  if (derived !== undefined) return changedTo(row, collection.name, derived);
  const fitted = staging.stage(mappedOf(row, collection.name, ownFields(row, fields)));
  return fitted.kind === 'staged'
    ? changedTo(row, collection.name, fitted.record.content)
    : { kind: 'misfit', pointer: fitted.pointer, rule: fitted.reason };
}

/** Without what other resources say of it, which is said again when it is written. */
function ownFields({ own }: StoredRow, fields: Readonly<Record<string, unknown>>) {
  if (own === undefined) return fields;
  // The store holds objects only.
  const known = JSON.parse(own.content) as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  return Object.fromEntries(
    names.map((name) => [name, name in known ? known[name] : fields[name]]),
  );
}

/** The content as the present mapping makes it of the kept resource, if it still makes it. */
function derive(row: StoredRow, { staging, today, dayOf }: Round): string | undefined {
  if (row.resource === undefined) return undefined;
  const source = row.id.slice(0, row.id.indexOf(':'));
  const { mappings } = mapText(row.resource, { source, today, dayOf });
  for (const mapping of mappings) {
    if (mapping.kind !== 'record' || mapping.id !== row.id) continue;
    const staged: ReturnType<Staging['stage']> = staging.stage(mapping);
    return staged.kind === 'staged' ? staged.record.content : undefined;
  }
  return undefined;
}

function mappedOf(row: StoredRow, collection: CollectionName, content: object): MappedRecord {
  const { id, patientId } = row;
  const mapped = {
    kind: 'record',
    collection,
    id,
    patientId,
    recordState: 'active',
    content,
    defects: [],
  };
  // Its fields are the contract's; whether their values fit is what staging finds.
  return mapped as unknown as MappedRecord;
}

function changedTo(row: StoredRow, collection: CollectionName, content: string): Brought {
  const { id, patientId, sourceVersion, origin, retractedBy, refersTo, position, own } = row;
  const { recordState } = own ?? row;
  if (content === row.content && own === undefined) return { kind: 'fits' };
  return {
    kind: 'changed',
    row: {
      ...{ id, patientId, recordState, unconditional: true, keepsSource: true, expected: position },
      content: retractedBy === undefined ? content : retractedContent(collection)(content),
      ...(sourceVersion !== undefined && { sourceVersion }),
      ...(origin !== undefined && { origin }),
      ...(retractedBy !== undefined && { retractedBy }),
      ...(refersTo !== undefined && { refersTo }),
    },
  };
}
