/** A log whose lines a test can read. */
import { Writable } from 'node:stream';
import type { Log } from '../../src/log.js';
import { keepPrinted } from './printed.js';

export function linesOf(create: (destination: NodeJS.WritableStream) => Log) {
  let text = '';
  const keep = keepPrinted('the log of a service within the test');
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      keep(chunk);
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
