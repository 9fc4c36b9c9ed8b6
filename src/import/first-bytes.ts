/** Looks at the beginning of a stream before it is read. */

export interface Looked {
  readonly first: Buffer;
  /** The whole stream, its beginning included; to be read once. */
  readonly all: AsyncIterable<Buffer>;
}

/** @param isEnough more than the number of bytes that will do, where a later byte may decide */
export async function firstBytes(
  chunks: AsyncIterable<Buffer>,
  atLeast: number,
  isEnough: (first: Buffer) => boolean = () => true,
): Promise<Looked> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  let isAtEnd = false;
  while (!isAtEnd && (first.length < atLeast || !isEnough(first))) {
    const next = await iterator.next();
    if (next.done === true) isAtEnd = true;
    else first = Buffer.concat([first, next.value]);
  }
  return { first, all: joined(first, iterator) };
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
