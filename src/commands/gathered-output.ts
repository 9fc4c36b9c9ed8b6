/** Lines written in one turn of the event loop, gathered into one call of the system: under load that is most of a line's price. */
import { Writable } from 'node:stream';

/**
 * What is still gathered when the process ends is written then: a pipe or file takes it at once.
 * @param mostBytes no more is written at a time, unless a single line is longer
 */
export function gatheredOutput(
  output: NodeJS.WritableStream,
  mostBytes = Infinity,
): NodeJS.WritableStream {
  let lines = '';
  let bytes = 0;
  const flush = () => {
    const text = lines;
    lines = '';
    bytes = 0;
    if (text !== '') output.write(text);
  };
  process.once('exit', flush);
  return new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      const added = mostBytes === Infinity ? 0 : Buffer.byteLength(line);
      if (bytes + added > mostBytes) flush();
      if (lines === '') setImmediate(flush);
      lines += line;
      bytes += added;
      done();
    },
  });
}
