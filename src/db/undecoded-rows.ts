/**
 * Takes the rows out of PostgreSQL's stream as the bytes that they are; all other messages go on to pg's own parser.
 *
 * pg decodes every row into a string, which the service would only encode again, and allocates a buffer for every chunk
 * that it receives. A page is one row of 100 kB or more, so both costs show: read through pg's own client, a page of 100
 * records takes about 13 % more processor time, and one of 1000 about 40 % more (docs/adr/0022). Here the socket reads
 * into one piece of memory that is used again, and a row becomes a one-byte string that is written as it is. The price
 * are fields of pg that its types do not name; a test pins the version of pg that they were read from.
 */
import { EventEmitter } from 'node:events';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import pg from 'pg';
import type { NamedStatement } from './statement.js';

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

/** What pg's client and connection have beside what their types name. */
interface Client {
  readonly ssl: unknown;
  readonly connection: Connection;
}

interface Connection extends EventEmitter {
  stream: EventEmitter;
  attachListeners(stream: EventEmitter): void;
}

/** Most pages fit. */
const receivedBytes = 262_144;

export class UndecodedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const { ssl, connection } = this as unknown as Client;
    const rest = new EventEmitter();
    const take = takeRows({
      onRow: (fields) => connection.emit('dataRow', { name: 'dataRow', fields }),
      onRest: (bytes) => rest.emit('data', bytes),
    });
    const attachListeners = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => {
      attachListeners(rest);
      // Over TLS; the other way its bytes have been taken before they would come here.
      stream.on('data', take);
    };
    if (ssl === false) connection.stream = socketInto(take);
  }
}

/** A connection without TLS, read into one piece of memory again and again. */
function socketInto(take: (chunk: Buffer) => void): Socket {
  // The constructor's type lacks the option, which connect's has.
  const options: SocketConstructorOpts & Pick<ConnectOpts, 'onread'> = {
    onread: {
      buffer: Buffer.allocUnsafe(receivedBytes),
      callback: (length, { buffer, byteOffset }) => {
        take(Buffer.from(buffer, byteOffset, length));
        return true;
      },
    },
  };
  return new Socket(options);
}

export async function queryUndecoded(
  pool: pg.Pool,
  statement: NamedStatement,
  timeoutMs: number,
): Promise<readonly UndecodedRow[]> {
  // The pool answers what the query calls back with.
  return pool.query(new UndecodedQuery(statement, timeoutMs)) as unknown as Promise<
    readonly UndecodedRow[]
  >;
}

type Callback = (error: Error | null, rows: readonly UndecodedRow[]) => void;

/** What has been prepared on a connection, by name. */
interface Prepared {
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
}

/** A named statement; its columns are known, so no Describe message is sent. */
class UndecodedQuery implements pg.Submittable {
  readonly name: string;
  readonly text: string;
  readonly query_timeout: number;
  /** The pool sets it. */
  callback: Callback | undefined;
  readonly #values: readonly unknown[];
  readonly #rows: UndecodedRow[] = [];

  constructor({ name, text, values = [] }: NamedStatement, timeoutMs: number) {
    this.name = name;
    this.text = text;
    this.query_timeout = timeoutMs;
    this.#values = values;
  }

  submit(connection: pg.Connection): void {
    const { name, text } = this;
    const { stream } = connection;
    const { parsedStatements } = connection as pg.Connection & Prepared;
    stream.cork();
    if (parsedStatements[name] === undefined) connection.parse({ name, text, types: [] }, true);
    const values = this.#values.map((value) => String(value));
    connection.bind({ statement: name, values }, true);
    connection.execute({}, true);
    connection.sync();
    stream.uncork();
  }

  handleDataRow({ fields }: { readonly fields: UndecodedRow }): void {
    this.#rows.push(fields);
  }

  handleReadyForQuery(): void {
    this.callback?.(null, this.#rows);
  }

  handleError(error: Error): void {
    this.callback?.(error, []);
  }

  handleCommandComplete(): void {
    // That it is ready for the next one says enough.
  }
}
