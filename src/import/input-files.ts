/** Finds the NDJSON files under the paths that an operator names. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from './import-error.js';
import type { Input } from './line.js';
import { readLines } from './read-lines.js';

const extension = '.ndjson';
const chunkBytes = 256 * 1024;

/**
 * A file is read whatever it is called; a folder gives the `.ndjson` files in it at any depth, in the order of their names.
 * @throws ImportError when a path is not there or holds nothing to read
 */
export async function findInputs(paths: readonly string[]): Promise<readonly Input[]> {
  if (paths.length === 0) {
    throw new ImportError(`Nothing to import: name files, or folders that hold ${extension} files`);
  }
  const found: string[] = [];
  for (const path of paths) found.push(...(await filesAt(path)));
  return Promise.all([...new Set(found)].map(inputOf));
}

async function inputOf(path: string): Promise<Input> {
  const { size } = await statOf(path);
  return { name: path, bytes: size, lines: (watch) => readLines(bytesOf(path, watch)) };
}

async function* bytesOf(path: string, watch?: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  try {
    // Without an encoding a file stream gives buffers.
    const chunks = createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
    for await (const chunk of chunks) {
      watch?.(chunk);
      yield chunk;
    }
  } catch (cause) {
    throw new ImportError(`${path} could not be read to its end`, { cause });
  }
}

async function filesAt(path: string): Promise<readonly string[]> {
  const entry = await statOf(path);
  if (!entry.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((file) => file.name.endsWith(extension) && !file.isDirectory())
    .map((file) => join(file.parentPath, file.name))
    .sort();
  if (files.length === 0) {
    throw new ImportError(
      `${path} holds no ${extension} file: name a folder of a FHIR bulk export`,
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
