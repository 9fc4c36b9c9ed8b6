/** Finds the inputs that an operator names and reads each by its contents: NDJSON, one JSON document or CSV, with or without gzip. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Collection } from '../../contract/collections.js';
import { ImportError, type Input, type Line, readLines } from './lines.js';
import { mayHoldSeveral, resourceLines } from './read-bundle.js';
import { readCsv } from './read-csv.js';

export interface InputOptions {
  /** What CSV files may be named after. */
  readonly collections: readonly Collection[];
  /** Read where a path is `-`. */
  readonly stdin?: Readable;
}

const readable = /\.(?<form>ndjson|jsonl|json|csv)(?:\.gz)?$/i;
const forms: Readonly<Record<string, Form | undefined>> = {
  ndjson: 'lines',
  jsonl: 'lines',
  json: 'document',
  csv: 'csv',
};
// Between chunks the database is served: larger ones would keep it waiting.
const chunkBytes = 128 * 1024;
const standardInput = '-';

/**
 * A file is read whatever it is called; a folder gives the files in it, at any depth, whose names say that they can be
 * read (`.ndjson`, `.jsonl`, `.json`, `.csv`, each also with `.gz`), in the order of their names; `-` is standard input.
 * @throws ImportError when a path does not exist or has nothing to read
 */
export async function findInputs(
  paths: readonly string[],
  options: InputOptions,
): Promise<readonly Input[]> {
  if (paths.length === 0) {
    throw new ImportError(
      'Nothing to import: name files, folders of files, or - for standard input',
    );
  }
  const found: string[] = [];
  for (const path of paths) found.push(...(path === standardInput ? [path] : await filesAt(path)));
  return Promise.all(
    [...new Set(found)].map(async (path) =>
      path === standardInput ? stdinInput(options) : fileInput(path, options),
    ),
  );
}

/** Whether a name says that the file can be read. */
export function isReadable(name: string): boolean {
  return readable.test(name);
}

export async function fileInput(path: string, { collections }: InputOptions): Promise<Input> {
  const { size } = await statOf(path);
  const form = forms[readable.exec(path)?.groups?.form?.toLowerCase() ?? ''] ?? 'unknown';
  return {
    name: path,
    bytes: size,
    lines: (watch) => readInput({ name: path, form, collections, bytes: bytesOf(path, watch) }),
  };
}

function stdinInput({ collections, stdin = process.stdin }: InputOptions): Input {
  const name = 'standard input';
  return {
    name,
    lines: (watch) =>
      readInput({ name, form: 'unknown', collections, bytes: watched(stdin, watch) }),
  };
}

async function* watched(
  chunks: AsyncIterable<unknown>,
  watch?: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  // Without an encoding a stream of bytes gives buffers.
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    watch?.(chunk);
    yield chunk;
  }
}

async function* bytesOf(path: string, watch?: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  try {
    yield* watched(createReadStream(path, { highWaterMark: chunkBytes }), watch);
  } catch (cause) {
    throw new ImportError(`${path} could not be read to its end`, { cause });
  }
}

async function filesAt(path: string): Promise<readonly string[]> {
  const entry = await statOf(path);
  if (!entry.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((file) => isReadable(file.name) && !file.isDirectory())
    .map((file) => join(file.parentPath, file.name))
    .sort();
  if (files.length === 0) {
    throw new ImportError(
      `${path} holds no file to read: .ndjson, .json or .csv, each also with .gz`,
    );
  }
  return files;
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    const message = `${path} cannot be read: name a file or folder that exists and may be read`;
    throw new ImportError(message, { cause });
  }
}

/** What a name says of the contents; `unknown` is decided by the first line. */
export type Form = 'lines' | 'document' | 'csv' | 'unknown';

export interface Contents {
  readonly name: string;
  readonly form: Form;
  readonly bytes: AsyncIterable<Buffer>;
  readonly collections: readonly Collection[];
}

const maxDocumentBytes = 64 * 1024 * 1024;

/** What cannot be read, be it the rest of a broken archive, is a line that says so. */
export async function* readInput(contents: Contents): AsyncGenerator<readonly Line[]> {
  let last = 0;
  try {
    for await (const portion of linesOf({ ...contents, bytes: unpacked(contents.bytes) })) {
      last = portion.at(-1)?.number ?? last;
      yield portion;
    }
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    const reason = 'must be a whole gzip archive: nothing behind this line could be read';
    yield [{ kind: 'unreadable', number: last + 1, rule: 'gzip', reason }];
  }
}

async function* linesOf(contents: Contents): AsyncGenerator<readonly Line[]> {
  const { form, bytes } = contents;
  switch (form) {
    case 'csv':
      yield* readCsv(contents);
      return;
    case 'document':
      yield* readDocument(bytes);
      return;
    case 'lines':
      yield* readResources(bytes);
      return;
    case 'unknown': {
      const { first, all } = await firstBytes(bytes, 1, hasLine);
      yield* isDocument(first) ? readDocument(all) : readResources(all);
    }
  }
}

async function* readResources(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  for await (const portion of readLines(bytes)) {
    const isPlain = !portion.some((line) => line.kind === 'text' && mayHoldSeveral(line.text));
    if (isPlain) yield portion;
    else yield* portions(expanded(portion));
  }
}

function* expanded(lines: readonly Line[]): Generator<Line> {
  for (const line of lines) {
    if (line.kind === 'text' && mayHoldSeveral(line.text))
      yield* resourceLines(line.text, line.number);
    else yield line;
  }
}

async function* readDocument(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    // Read on to the end all the same: the input's length and checksum are taken on the way.
    if (length <= maxDocumentBytes) chunks.push(chunk);
  }
  if (length > maxDocumentBytes) {
    const reason = `must be at most ${maxDocumentBytes} bytes long: split it, or export it as NDJSON`;
    yield [{ kind: 'unreadable', number: 1, rule: 'size', reason }];
    return;
  }
  const whole = Buffer.concat(chunks);
  if (!isUtf8(whole)) {
    yield [{ kind: 'unreadable', number: 1, rule: 'utf-8', reason: 'must be UTF-8' }];
    return;
  }
  const byteOrderMark = '\ufeff';
  const text = whole.toString('utf8');
  const own = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  if (own.trim() !== '') yield* portions(resourceLines(own, 1));
}

function* portions(lines: Iterable<Line>): Generator<readonly Line[]> {
  const size = 256;
  let portion: Line[] = [];
  for (const line of lines) {
    portion.push(line);
    if (portion.length < size) continue;
    yield portion;
    portion = [];
  }
  yield portion;
}

const longEnough = 64 * 1024;

function hasLine(first: Buffer): boolean {
  return first.length >= longEnough || first.toString('latin1').trimStart().includes('\n');
}

/** A resource on a line of its own ends on it; the first line of a document in several does not. */
function isDocument(first: Buffer): boolean {
  const [line = ''] = first.toString('latin1').replace(/^ï»¿/, '').trimStart().split('\n', 1);
  return line.startsWith('{') && line.length < longEnough && !line.trimEnd().endsWith('}');
}

interface Peeked {
  readonly first: Buffer;
  /** The whole stream, its beginning included; to be read once. */
  readonly all: AsyncIterable<Buffer>;
}

/** @param isEnough more than the number of bytes that will do, where a later byte may decide */
async function firstBytes(
  chunks: AsyncIterable<Buffer>,
  atLeast: number,
  isEnough: (first: Buffer) => boolean = () => true,
): Promise<Peeked> {
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

/** The archive ends too early or is damaged; what came before is as it was packed. */
class BrokenArchive extends Error {
  override readonly name = 'BrokenArchive';
}

const magic = Buffer.from([0x1f, 0x8b]);

/** @throws BrokenArchive at the place where the archive breaks */
async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { first, all } = await firstBytes(chunks, magic.length);
  if (first.subarray(0, magic.length).equals(magic)) yield* gunzipped(all);
  else yield* all;
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const packed = Readable.from(chunks);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    // Without an encoding a stream of bytes gives buffers.
    yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw isZlibError(cause) ? new BrokenArchive('the gzip is broken', { cause }) : cause;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
