/** The lines of an answer while it arrives, many at a time. */
import type { Deadline } from './deadline.js';

interface Lines {
  /** Views of one piece of memory: nothing is copied for a line. */
  readonly lines: readonly Uint8Array[];
  /** The answer ended well behind these. */
  readonly isLast: boolean;
}

/** A thousand records or two: few enough to hold several, many enough that each costs little. */
const partBytes = 1024 * 1024;
/** Is read while the parts before are worked on. */
const aheadBytes = 4 * partBytes;
const betweenChunksMs = 30_000;
const lineFeed = 10;

/**
 * The last part may be empty. Where the answer breaks off, the whole lines before that still come.
 * @throws what broke it off
 */
export async function* partsOf(
  body: ReadableStream<Uint8Array> | null,
  deadline: Deadline,
): AsyncGenerator<Lines, void> {
  const ahead = new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes });
  const reader = body
    ?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, ahead))
    .getReader();
  let chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const read = await readInTime(reader, deadline);
      const isDone = 'error' in read || read.value === undefined;
      if (!isDone) {
        chunks.push(read.value);
        size += read.value.length;
        if (size < partBytes) continue;
      }
      const bytes = joined(chunks, size);
      const isLast = isDone && !('error' in read);
      const end = isLast ? bytes.length : bytes.lastIndexOf(lineFeed) + 1;
      if (isLast || end > 0) yield { lines: linesOf(bytes.subarray(0, end)), isLast };
      if ('error' in read) throw read.error;
      if (isDone) return;
      chunks = [bytes.subarray(end)];
      size = bytes.length - end;
    }
  } finally {
    deadline.end();
    await reader?.cancel().catch(() => undefined);
  }
}

type Read = { readonly value: Uint8Array | undefined } | { readonly error: unknown };

async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  deadline: Deadline,
): Promise<Read> {
  deadline.start(betweenChunksMs);
  try {
    return { value: (await reader?.read())?.value };
  } catch (error) {
    return { error };
  } finally {
    deadline.pause();
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let start = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, start);
    start += chunk.length;
  }
  return bytes;
}

function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
