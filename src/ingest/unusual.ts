/** What sets a load apart from those of the same source before it: facts for an operator, without patient data. */
import type { MappedRecord } from './fhir/mapping.js';
import type { PastLoad } from './write/load-store.js';

export interface LoadFacts {
  /** Records read of each collection. */
  readonly read: Readonly<Record<string, number>>;
  readonly units: UnitCounts;
}

// Below these a difference means nothing.
const leastLoads = 3;
const leastRecords = 100;
const leastOfCode = 50;
const leastOfNewCode = 10;

/** Shares of units may move by this much from load to load. */
const usualShift = 0.2;
/** A count may be this many times the usual, or as small a part of it. */
const usualFactor = 2;

const mostNamed = 5;

/** Every test code that a source has had: a load names all, because unchanged records are not counted again. */
export function knownCodes(units: UnitCounts, past: readonly PastLoad[]): readonly string[] {
  const [newest] = past;
  const { codes = [] } = (newest?.counts ?? {}) as { readonly codes?: readonly string[] };
  return [...new Set([...codes, ...Object.keys(units)])].slice(0, mostCodes);
}

/** @param past loads that ended, of the same source, the newest first */
export function unusual(facts: LoadFacts, past: readonly PastLoad[]): readonly string[] {
  if (past.length < leastLoads) return [];
  const before = past.map(factsOf);
  const codes = new Set(knownCodes({}, past));
  return [...countWarnings(facts, before), ...unitWarnings(facts, before, codes)];
}

/** What `endLoad` kept of a load. */
function factsOf({ counts }: PastLoad): LoadFacts {
  const { collections = {}, units = {} } = counts as {
    readonly collections?: Readonly<Record<string, { readonly read: number }>>;
    readonly units?: UnitCounts;
  };
  const read = Object.entries(collections).map(([name, of]) => [name, of.read] as const);
  return { read: Object.fromEntries(read), units };
}

function countWarnings({ read }: LoadFacts, past: readonly LoadFacts[]): readonly string[] {
  return Object.entries(read).flatMap(([collection, count]) => {
    const usual = median(past.map((load) => load.read[collection] ?? 0));
    const isFar = count * usualFactor < usual || count > usual * usualFactor;
    return isFar && Math.max(count, usual) >= leastRecords
      ? [`${collection}: ${count} read, where the loads before had ${usual}`]
      : [];
  });
}

function unitWarnings(
  { units }: LoadFacts,
  past: readonly LoadFacts[],
  known: ReadonlySet<string>,
): readonly string[] {
  const usual = sumOf(past.map((load) => load.units));
  const codes = Object.entries(units);
  const fresh = codes.filter(([code, of]) => !known.has(code) && total(of) >= leastOfNewCode);
  const shifts = codes.flatMap(([code, now]) => {
    const before = usual[code];
    if (before === undefined || Math.min(total(now), total(before)) < leastOfCode) return [];
    return Object.keys({ ...before, ...now }).flatMap((unit) => {
      const [was, is] = [before, now].map((of) => (of[unit] ?? 0) / total(of)) as [number, number];
      return Math.abs(is - was) > usualShift
        ? [`lab_results ${code}: unit "${unit}" in ${percent(is)}, before in ${percent(was)}`]
        : [];
    });
  });
  return [...(fresh.length === 0 ? [] : [newCodes(fresh.map(([code]) => code))]), ...shifts];
}

function newCodes(codes: readonly string[]): string {
  const named = codes.slice(0, mostNamed).join(', ');
  const others = codes.length > mostNamed ? ` and ${codes.length - mostNamed} more` : '';
  return `lab_results: test codes that no load before had: ${named}${others}`;
}

function sumOf(all: readonly UnitCounts[]): UnitCounts {
  const sum: Record<string, Record<string, number>> = {};
  for (const [code, units] of all.flatMap((counts) => Object.entries(counts))) {
    const known = (sum[code] ??= {});
    for (const [unit, count] of Object.entries(units)) known[unit] = (known[unit] ?? 0) + count;
  }
  return sum;
}

function total(units: Readonly<Record<string, number>>): number {
  return Object.values(units).reduce((sum, count) => sum + count, 0);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** How often each unit is used with each test code: `{ "http://loinc.org|2093-3": { "mg/dL": 1200 } }`. */
export type UnitCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Statistics {
  add(record: MappedRecord): void;
  units(): UnitCounts;
}

// A hospital has a few thousand tests; what is beyond that is no code.
const mostCodes = 5000;
const mostUnits = 20;

export function createStatistics(): Statistics {
  const codes = new Map<string, Map<string, number>>();
  return {
    add(record) {
      if (record.collection !== 'lab_results' || record.content.test_code === null) return;
      const { test_code: code, test_system: system, unit_code: unitCode, unit } = record.content;
      const key = `${system ?? ''}|${code}`;
      let units = codes.get(key);
      if (units === undefined) {
        if (codes.size >= mostCodes) return;
        codes.set(key, (units = new Map<string, number>()));
      }
      const name = unitCode ?? unit ?? '';
      const known = units.get(name);
      if (known !== undefined || units.size < mostUnits) units.set(name, (known ?? 0) + 1);
    },
    units: () =>
      Object.fromEntries([...codes].map(([code, units]) => [code, Object.fromEntries(units)])),
  };
}
