/** Takes the rows out of what PostgreSQL sends, as the bytes that they are; everything else goes on to pg's own parser. */

/** The bytes of each column's text, one character each; null where there is none. */
export type UndecodedRow = readonly (string | null)[];

export interface RowsTaken {
  readonly onRow: (row: UndecodedRow) => void;
  /** Messages of other kinds, in the order of the stream; a message may come in several parts. */
  readonly onRest: (bytes: Buffer) => void;
}

/** Of each message: one byte for its kind, and its length, which counts itself but not the kind. */
const headBytes = 5;
const lengthBytes = 4;
const dataRow = 0x44;

/**
 * Nothing of a chunk is kept, so that its memory may be used for the next one.
 * @returns what takes the stream, chunk by chunk
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function takeRows({ onRow, onRest }: RowsTaken): (chunk: Buffer) => void {
  let head: Buffer = Buffer.alloc(0);
  let row = '';
  let rowBytes = 0;
  let restBytes = 0;
  return (received) => {
    const chunk = head.length === 0 ? received : Buffer.concat([head, received]);
    head = Buffer.alloc(0);
    let at = 0;
    while (at < chunk.length) {
      const end = Math.min(chunk.length, at + rowBytes + restBytes);
      if (rowBytes > 0) {
        row += chunk.toString('latin1', at, end);
        rowBytes -= end - at;
        at = end;
        if (rowBytes > 0) return;
        onRow(columnsOf(row));
        row = '';
      } else if (restBytes > 0) {
        onRest(Buffer.from(chunk.subarray(at, end)));
        restBytes -= end - at;
        at = end;
      } else if (chunk.length - at < headBytes) {
        head = Buffer.from(chunk.subarray(at));
        return;
      } else if (chunk[at] === dataRow) {
        rowBytes = chunk.readUInt32BE(at + 1) - lengthBytes;
        at += headBytes;
      } else restBytes = chunk.readUInt32BE(at + 1) + 1;
    }
  };
}

/** @returns nothing where the column is null or absent */
export function numberIn(column: string | null | undefined): number | undefined {
  return column == null ? undefined : Number(column);
}

function columnsOf(row: string): UndecodedRow {
  const columns: (string | null)[] = [];
  for (let at = 2; at < row.length;) {
    const length = int32In(row, at);
    at += lengthBytes;
    columns.push(length === -1 ? null : row.slice(at, at + length));
    at += Math.max(length, 0);
  }
  return columns;
}

function int32In(row: string, at: number): number {
  const byte = (index: number) => row.charCodeAt(at + index);
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
}
