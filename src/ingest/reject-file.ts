/** Rejects as NDJSON in a file of their own, for a program or a person to work through. */
import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs';
import type { Reject } from './import-report.js';
import { ImportError, type Line } from './read/lines.js';

export interface RejectFile {
  write(reject: Reject, line: Line): void;
  /** What was written so far is in the file. */
  flush(): void;
  close(): void;
}

interface RejectFileOptions {
  readonly path: string;
  /** The line itself too: health data. */
  readonly keepLines: boolean;
  /** Appends to a file of this name instead of replacing it. */
  readonly isAdded?: boolean;
}

const bufferedLength = 64 * 1024;

/** Only its owner may read the file. */
export function openRejectFile(options: RejectFileOptions): RejectFile {
  const { path, keepLines, isAdded = false } = options;
  const descriptor = open(path, isAdded ? 'a' : 'w');
  let text = '';
  const flush = () => {
    writeSync(descriptor, text);
    text = '';
  };
  return {
    write({ file, line: number, resource, pointer, rule, reason }, line) {
      const kept = keepLines && line.kind === 'text' ? { text: line.text } : {};
      text += `${JSON.stringify({ file, line: number, resource, pointer, rule, reason, ...kept })}\n`;
      if (text.length > bufferedLength) flush();
    },
    flush,
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

function open(path: string, flag: 'a' | 'w'): number {
  try {
    const descriptor = openSync(path, flag, 0o600);
    // A file that was there keeps its mode when it is opened.
    fchmodSync(descriptor, 0o600);
    return descriptor;
  } catch (cause) {
    const message = `${path} cannot be written: name a file in a folder that exists and may be written`;
    throw new ImportError(message, { cause });
  }
}
