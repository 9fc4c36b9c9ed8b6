/** What reconciling asks of a warehouse: BigQuery's client, or a sink that follows its rules. */

/** Rows whose `updated_ts` lies in it; positions are microseconds since 1970. */
export interface PositionRange {
  /** The first position of it. */
  readonly from: number;
  /** The first position behind it; none when it has no end. */
  readonly to: number | undefined;
}

export interface RangeDigest {
  readonly count: number;
  /** As `digestOf` makes it. */
  readonly digest: string;
}

export interface Entry {
  readonly id: string;
  /** `updated_ts`. */
  readonly position: number;
}

/** Tables are named after their collections. */
export interface Warehouse {
  /** One for each range, in their order. */
  digests(table: string, ranges: readonly PositionRange[]): Promise<readonly RangeDigest[]>;
  /** Every row of these ranges, in no order. */
  entries(table: string, ranges: readonly PositionRange[]): Promise<readonly Entry[]>;
  /** Those of these rows that are there, each as the record that it was made from. */
  rows(
    table: string,
    ids: readonly string[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/**
 * The higher number wins.
 * @param epoch the feed's history, 16 hexadecimal digits
 * @param position microseconds since 1970, written with 16 digits: the most that there may be
 * @returns what takes the place of a record's closing brace
 */
export function changeColumns(type: 'UPSERT' | 'DELETE', epoch: string, position: number): string {
  const number = `${epoch}/${position.toString(16).padStart(16, '0')}`;
  return `,"_CHANGE_TYPE":"${type}","_CHANGE_SEQUENCE_NUMBER":"${number}"}`;
}
