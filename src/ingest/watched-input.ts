/** Reads an input and knows afterwards how long it was and what its SHA-256 is. */
import { createHash } from 'node:crypto';
import type { Input, Line } from './read/line.js';
import type { LoadedFile } from './write/loads.js';

export interface WatchedInput {
  lines(): AsyncIterable<readonly Line[]>;
  /** True once the lines were read to their end. */
  file(): LoadedFile;
}

export function watch(input: Input, onBytes?: (count: number) => void): WatchedInput {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    lines: () =>
      input.lines((chunk) => {
        hash.update(chunk);
        bytes += chunk.length;
        onBytes?.(chunk.length);
      }),
    file: () => ({ name: input.name, bytes, sha256: hash.digest('hex') }),
  };
}
