/**
 * A connection whose rows are left as they come, in memory that is used again. Read as pg reads them, pages cost twice:
 * to decode and encode them, and to collect the garbage of their buffers, which has the collector look at everything.
 */
import { EventEmitter } from 'node:events';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import pg from 'pg';
import type { NamedStatement } from './statement.js';
import { type UndecodedRow, takeRows } from './undecoded-rows.js';

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

/** A named statement; its columns are known, so PostgreSQL is not asked to describe them. */
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
