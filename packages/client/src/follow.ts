/**
 * A feed followed without an end, as pages or as bytes. Both long-poll where the service supports it, retry where it
 * cannot answer, and miss nothing.
 */
import {
  type Deadline,
  type FeedHeaders,
  type ListReply,
  type ResumePoint,
  type SendList,
  assertSameHistory,
  fetchPage,
} from './fetch-page.js';
import { createRetryPolicy, failureOf, sleep } from './retry-policy.js';
import type { FeedOptions, Page, Part } from './types.js';

export async function* followPages<Item>(
  options: FeedOptions,
  send: SendList<ListReply & { readonly items: readonly Item[] }>,
): AsyncGenerator<Page<Item>, never> {
  const pace = createPace(options);
  const policy = createRetryPolicy(options);
  let { cursor, epoch } = options;
  for (;;) {
    const from = { ...options, cursor, epoch, limit: options.limit ?? 1000 };
    const waitSeconds = pace.begin();
    policy.reset();
    const { feed, reply, deadline } = await fetchPage({ options: from, send, waitSeconds, policy });
    deadline.end();
    assertSameHistory(from, feed);
    ({ cursor, epoch } = feed);
    const { waited: _, ...rest } = feed;
    yield { ...rest, records: reply.items };
    await pace.end(feed, reply.items.length === 0);
  }
}

/** Where a response breaks off, the feed goes on at the last record that arrived, which comes once more. */
export async function* followParts(
  options: FeedOptions,
  send: SendList<ListReply>,
): AsyncGenerator<Part, never> {
  const pace = createPace(options);
  const policy = createRetryPolicy(options);
  let from: ResumePoint = options;
  for (;;) {
    const fetching = { options: { ...options, ...from }, send, policy };
    const { feed, reply, deadline } = await fetchPage({ ...fetching, waitSeconds: pace.begin() });
    assertSameHistory(from, feed);
    const { epoch, position } = feed;
    from = { ...from, epoch };
    let isEmpty = true;
    try {
      for await (const { lines, isLast } of ndjsonParts(reply.response.body, deadline)) {
        const updatedThrough = updatedTsOf(lines.at(-1));
        const [cursor, more] = isLast ? [feed.cursor, feed.more] : [undefined, true];
        from = { epoch, cursor, updatedSince: updatedThrough ?? from.updatedSince };
        isEmpty &&= lines.length === 0;
        yield { records: lines, cursor, updatedThrough, more, epoch, position };
        policy.reset();
      }
    } catch (error) {
      await policy.wait(failureOf(error, options.signal));
      continue;
    }
    await pace.end(feed, isEmpty);
  }
}

function updatedTsOf(line: Uint8Array | undefined): string | undefined {
  if (line === undefined) return undefined;
  const record = JSON.parse(new TextDecoder().decode(line)) as { readonly updated_ts?: string };
  return record.updated_ts;
}

const defaultWaitSeconds = 30;

/** Long polls where the service supports them, pauses where it does not. */
function createPace({ waitSeconds = defaultWaitSeconds, pollSeconds = 5, signal }: FeedOptions) {
  let wait = 0;
  let startedMs = 0;
  return {
    /** @returns for how many seconds the service may hold its page back */
    begin: (): number => {
      startedMs = performance.now();
      return wait;
    },
    end: async ({ more, waited }: FeedHeaders, isEmpty: boolean): Promise<void> => {
      // A service that claims to have waited, and did not, must not be polled without a pause.
      const hasWaited = waited && performance.now() - startedMs > 500;
      const needsPause = wait > 0 && isEmpty && !hasWaited;
      wait = more ? 0 : waitSeconds;
      if (needsPause || (!more && wait === 0)) await sleep(pollSeconds * 1000, signal);
    },
  };
}

interface Lines {
  /** Views of one buffer: no line is copied. */
  readonly lines: readonly Uint8Array[];
  /** The response ended well behind these. */
  readonly isLast: boolean;
}

/** A thousand records or two: few enough to keep several, many enough that each costs little. */
const partBytes = 1024 * 1024;
/** Read ahead while earlier parts are worked on. */
const readAheadBytes = 4 * partBytes;
const chunkTimeoutMs = 30_000;
const lineFeed = 10;

/**
 * The lines of a response while it arrives. The last part may be empty. Where the response breaks off, the whole lines
 * before that still come.
 * @throws what broke it off
 */
async function* ndjsonParts(
  body: ReadableStream<Uint8Array> | null,
  deadline: Deadline,
): AsyncGenerator<Lines, void> {
  const queue = new ByteLengthQueuingStrategy({ highWaterMark: readAheadBytes });
  const reader = body
    ?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, queue))
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
  deadline.start(chunkTimeoutMs);
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
