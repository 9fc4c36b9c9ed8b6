/** Finds the files to import under the paths that an operator names. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Collection } from '../../contract/collections.js';
import { ImportError, type Input } from './line.js';
import { type Form, readInput } from './read-input.js';

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
 * @throws ImportError when a path is not there or holds nothing to read
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
