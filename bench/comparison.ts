/** Contenders measured in turns, so that whatever else the machine does meets all of them alike. */

export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly median: number;
}

export interface Check {
  readonly says: string;
  readonly ratio: number;
  readonly least?: number;
  readonly most?: number;
}

/** What one bench found; written to bench/results. */
export interface Report {
  readonly title: string;
  readonly unit: string;
  readonly results: readonly Result[];
  readonly checks: readonly Check[];
  readonly notes: readonly string[];
}

export async function inTurns(
  unit: string,
  rounds: number,
  contenders: readonly { readonly name: string; readonly measure: () => Promise<number> }[],
): Promise<readonly Result[]> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, measure } of contenders) values.get(name)?.push(await measure());
  }
  return [...values].map(([name, of]) => ({ name, unit, values: of, median: medianOf(of) }));
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return (low + high) / 2;
}

/** The least and the most of some rounds; of many samples nine tenths, since one pause would be all that is seen. */
export function spreadOf(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const left = values.length > 50 ? Math.floor(values.length / 20) : 0;
  return [sorted[left] ?? Number.NaN, sorted.at(-1 - left) ?? Number.NaN];
}

/** How often the first is the second; nothing where one of them was not measured. */
export function ratioOf(results: readonly Result[], first: string, second: string): number {
  const median = (name: string) => results.find((each) => each.name === name)?.median ?? Number.NaN;
  return median(first) / median(second);
}

export function holds({ ratio, least = -Infinity, most = Infinity }: Check): boolean {
  return ratio >= least && ratio <= most;
}

export function print({ title, results, checks, notes }: Report): void {
  console.log(`\n${title}`);
  for (const { name, unit, values, median } of results) {
    const spread = spreadOf(values).map(figure).join(' to ');
    console.log(`  ${name.padEnd(40)} ${figure(median).padStart(9)} ${unit}  (${spread})`);
  }
  for (const check of checks) {
    const { says, ratio, least, most } = check;
    const wanted = least === undefined ? `at most ${most ?? ''}` : `at least ${least}`;
    const verdict = Number.isNaN(ratio) ? 'not measured' : holds(check) ? 'holds' : 'NOT REACHED';
    console.log(`  ${says.padEnd(50)} ${ratio.toFixed(2).padStart(6)} × (${wanted}): ${verdict}`);
  }
  for (const note of notes) console.log(`  ${note}`);
}

export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
