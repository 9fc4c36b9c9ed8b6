/** Migrates stored records to the present contract: as they are, derived anew, or without values that no longer fit. */
import type { Collection, CollectionName } from '../contract/collections.js';
import type { Contract } from '../contract/contract.js';
import {
  type RecordContent,
  recordContentOf,
  retractedContent,
} from '../contract/record-content.js';
import { createComplete, completeRows, withoutFacts } from './complete-record.js';
import { createDayOf } from './fhir/data-types.js';
import type { MappedRecord } from './fhir/mapping.js';
import { mapText } from './process-line.js';
import { createRecordValidator } from './validate-record.js';
import type { LoadStore } from './write/load-store.js';
import type { StoredRow } from './write/revalidation.js';
import type { Load, StagedRow } from './write/staged-record.js';

export interface RevalidateOptions {
  readonly store: LoadStore;
  readonly contract: Contract;
  /** The hospital's time zone (IANA). */
  readonly timeZone: string;
  readonly clock?: () => Date;
  readonly onPage?: (collection: string, records: number) => void;
  /** A record that cannot be migrated; it stays as it is. */
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
  return { validator: createRecordValidator(contract), today: dayOf(clock()), dayOf };
}

interface Round extends RevalidateOptions, ReturnType<typeof partsOf> {
  readonly collection: Collection;
  readonly load: Load;
  readonly total: { fitting: number; changed: number };
}

/** @returns how many records could not be migrated */
async function runRound(round: Round): Promise<number> {
  const { store, collection, load, total, signal, onPage, onMisfit } = round;
  const { name } = collection;
  const content = recordContentOf(collection);
  const complete = createComplete(name, round.validator);
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
      const found = check(row, content, round);
      if (found.kind === 'fits') fitting.push(row);
      else if (found.kind === 'changed') changed.push(found.row);
      else {
        misfits += 1;
        onMisfit({ collection: name, id: row.id, pointer: found.pointer, rule: found.rule });
      }
    }
    await store.inBatch(name, load, async (batch) => {
      await batch.restamp(fitting.map(({ position }) => position));
      if (changed.length > 0) await batch.write(await completeRows(batch, changed, complete));
    });
    total.fitting += fitting.length;
    total.changed += changed.length;
    onPage?.(name, rows.length);
  }
}

type Checked =
  | { readonly kind: 'fits' }
  | { readonly kind: 'changed'; readonly row: StagedRow }
  | { readonly kind: 'misfit'; readonly pointer: string; readonly rule: string };

function check(row: StoredRow, content: RecordContent, round: Round): Checked {
  const { collection, validator } = round;
  const stored = JSON.parse(row.content) as Readonly<Record<string, unknown>>;
  const fields = Object.fromEntries(
    collection.contentFields.map((field) => [field, stored[field] ?? null]),
  );
  if (content.serialise(fields) === row.content && content.errors(fields).length === 0) {
    return { kind: 'fits' };
  }
  const derived = row.recordState === 'erased' ? undefined : derive(row, round);
  if (derived !== undefined) return changedTo(row, collection.name, derived);
  const validated = validator.validate(mappedOf(row, collection.name, ownFields(row, fields)));
  return validated.kind === 'valid'
    ? changedTo(row, collection.name, validated.record.content)
    : { kind: 'misfit', pointer: validated.pointer, rule: validated.reason };
}

/** Without what other resources say of it, with which it is completed when it is written. */
function ownFields(row: StoredRow, fields: Readonly<Record<string, unknown>>) {
  if (row.own === undefined) return fields;
  // The store holds objects only.
  const known = JSON.parse(withoutFacts(row).content) as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  return Object.fromEntries(
    names.map((name) => [name, name in known ? known[name] : fields[name]]),
  );
}

/** The content as the present mapping makes it of the kept resource, if it still makes it. */
function derive(row: StoredRow, { validator, today, dayOf }: Round): string | undefined {
  if (row.resource === undefined) return undefined;
  const source = row.id.slice(0, row.id.indexOf(':'));
  const { mappings } = mapText(row.resource, { source, today, dayOf });
  for (const mapping of mappings) {
    if (mapping.kind !== 'record' || mapping.id !== row.id) continue;
    const validated = validator.validate(mapping);
    return validated.kind === 'valid' ? validated.record.content : undefined;
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
  // Its fields are the contract's; whether their values fit is checked next.
  return mapped as unknown as MappedRecord;
}

function changedTo(row: StoredRow, collection: CollectionName, content: string): Checked {
  const { id, patientId, sourceVersion, origin, retractedBy, refersTo, position, own } = row;
  const { recordState } = withoutFacts(row);
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
