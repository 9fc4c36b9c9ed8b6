/** Bytes of text up to the last line that is whole and can be read, and the line that a place in them is on. */
import { isUtf8 } from 'node:buffer';

type Fault =
  /** Of the first line that is not UTF-8. */
  | { readonly kind: 'utf-8'; readonly line: number }
  | { readonly kind: 'broken'; readonly cause: unknown };

export interface WholeRows {
  /** Ends where the bytes can be read no further; what came before is whole lines. */
  chunks(): AsyncGenerator<Buffer>;
  fault(): Fault | undefined;
  /** The line on which a stretch of so many bytes from the beginning ends. */
  lineAt(bytes: number): number;
  /** No place before this one will be asked for. */
  forget(bytes: number): void;
}

const lineFeed = 0x0a;

/** @param mostHeld bytes of a line that are kept until its end has come */
export function wholeRows(bytes: AsyncIterable<Buffer>, mostHeld: number): WholeRows {
  let fault: Fault | undefined;
  const lines = createLineCount();

  function readable(text: Buffer): Buffer {
    const end = isUtf8(text) ? text.length : endOfUtf8(text);
    const whole = text.subarray(0, end);
    lines.pass(whole);
    if (end < text.length) fault = { kind: 'utf-8', line: lines.passed() + 1 };
    return whole;
  }

  return {
    fault: () => fault,
    lineAt: (at) => lines.at(at),
    forget: (at) => {
      lines.forget(at);
    },
    async *chunks() {
      let open: Buffer[] = [];
      try {
        for await (const chunk of bytes) {
          // Read on to the end all the same: the input's length and checksum are taken on the way.
          if (fault !== undefined) continue;
          const end = chunk.lastIndexOf(lineFeed) + 1;
          const text = Buffer.concat([...open, chunk.subarray(0, end)]);
          const isHeld = end === 0 && text.length + chunk.length <= mostHeld;
          open = isHeld ? [text, chunk] : [chunk.subarray(end)];
          if (!isHeld && text.length > 0) yield readable(text);
        }
        if (fault === undefined) yield readable(Buffer.concat(open));
      } catch (cause) {
        fault = { kind: 'broken', cause };
      }
    },
  };
}

/** Where the last line has ended before the first that is not UTF-8. */
function endOfUtf8(text: Buffer): number {
  let from = 0;
  for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, from)) {
    if (!isUtf8(text.subarray(from, end))) break;
    from = end + 1;
  }
  return from;
}

/** Lines that are forgotten at a time: their places would fill memory. */
const mostRemembered = 16_384;

function createLineCount() {
  let passedBytes = 0;
  let forgotten = 0;
  /** Where lines have ended, but for the forgotten first ones. */
  let ends: number[] = [];

  /** Of the lines remembered those that have ended before. */
  function endedBefore(bytes: number): number {
    let [from, to] = [0, ends.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((ends[middle] ?? 0) < bytes) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    passed: () => forgotten + ends.length,
    pass(text: Buffer): void {
      for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, end + 1)) {
        ends.push(passedBytes + end + 1);
      }
      passedBytes += text.length;
    },
    at: (bytes: number) => forgotten + endedBefore(bytes) + 1,
    forget(bytes: number): void {
      const count = endedBefore(bytes);
      if (count < mostRemembered) return;
      ends = ends.slice(count);
      forgotten += count;
    },
  };
}
