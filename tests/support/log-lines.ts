/** A log whose lines a test can read. */
import { Writable } from 'node:stream';
import type { Log } from '../../src/log.js';

export function linesOf(create: (destination: NodeJS.WritableStream) => Log) {
  let text = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return {
    log: create(destination),
    text: () => text,
    lines: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
