/** How far a load is: on a terminal a bar for each file, elsewhere a line every five seconds. */
import { basename } from 'node:path';
import type { ImportProgress } from '../ingest/importer.js';

export interface Progress extends ImportProgress {
  close: () => void;
}

interface ProgressOptions {
  readonly output: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  /** Milliseconds, never backwards. */
  readonly now: () => number;
}

interface FileState {
  readonly name: string;
  readonly size: number | undefined;
  readonly startMs: number;
  bytes: number;
  records: number;
}

const barMs = 200;
const lineMs = 5_000;
const barWidth = 20;
const backToStart = '\r\u001b[K';

export function createProgress({ output, now }: ProgressOptions): Progress {
  let file: FileState | undefined;
  const show = () => {
    if (file === undefined) return;
    const text = progressText(file, now());
    output.write(output.isTTY ? `${backToStart}${bar(file)} ${text}` : `${text}\n`);
  };
  const closeFile = () => {
    if (!output.isTTY || file === undefined) return;
    show();
    output.write('\n');
  };
  const timer = setInterval(show, output.isTTY ? barMs : lineMs);
  // Showing progress is no reason to go on.
  timer.unref();
  return {
    file({ name, bytes: size }) {
      closeFile();
      file = { name: basename(name), size, startMs: now(), bytes: 0, records: 0 };
    },
    bytes(count) {
      if (file !== undefined) file.bytes += count;
    },
    records(count) {
      if (file !== undefined) file.records += count;
    },
    close() {
      clearInterval(timer);
      closeFile();
    },
  };
}

/** `Observation.ndjson 52% 120.3 of 231.0 MB, 31,204 records/s, 0:12 left` */
export function progressText(file: FileState, atMs: number): string {
  const { name, size, bytes, records, startMs } = file;
  const seconds = Math.max(0.001, (atMs - startMs) / 1000);
  const rate = `${Math.round(records / seconds).toLocaleString('en')} records/s`;
  if (size === undefined || size === 0) return `${name} ${megabytes(bytes)} MB, ${rate}`;
  const share = Math.min(1, bytes / size);
  const left = share > 0 ? `, ${clock((seconds / share) * (1 - share))} left` : '';
  const read = `${megabytes(bytes)} of ${megabytes(size)} MB`;
  return `${name} ${Math.floor(share * 100)}% ${read}, ${rate}${left}`;
}

function bar({ bytes, size }: FileState): string {
  if (size === undefined || size === 0) return '';
  const full = Math.round(Math.min(1, bytes / size) * barWidth);
  return `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}]`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
