/** Lines written in one turn of the event loop, gathered into one call of the system: under load that is most of a line's price. */
import { Writable } from 'node:stream';

/** What is still gathered when the process ends is written then: a pipe or file takes it at once. */
export function gatheredOutput(output: NodeJS.WritableStream): NodeJS.WritableStream {
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    if (text !== '') output.write(text);
  };
  process.once('exit', flush);
  return new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      if (lines === '') setImmediate(flush);
      lines += line;
      done();
    },
  });
}
