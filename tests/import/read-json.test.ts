/** JSON without loss of digits. */
import { LosslessNumber } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../src/ingest/read/lines.js';

describe('readJson', () => {
  it.each(['5.40', '1.0', '1e3', '-0', '1e400', '123456789012345678901'])(
    'keeps the digits of %s',
    (digits) => {
      expect(readJson(`{"value": ${digits}}`)).toEqual({ value: new LosslessNumber(digits) });
    },
  );

  it.each(['5.4', '-7', '0', '1e+21', '167.49'])('gives %s as a number', (digits) => {
    expect(readJson(`{"value":${digits}}`)).toEqual({ value: Number(digits) });
  });

  it.each(['{"a":1,"a":2,"value":1}', '{"a":1,"a":2,"value":1.0}'])(
    'takes the last of a key that stands twice: %s',
    (text) => {
      expect(readJson(text)).toMatchObject({ a: 2 });
    },
  );

  it.each(['{"__proto__":{"x":1},"value":1}', '{"__proto__":{"x":1},"value":1.0}'])(
    'gives no object another prototype: %s',
    (text) => {
      const read = readJson(text) as object;
      expect([
        Object.getPrototypeOf(read) === Object.prototype,
        Object.hasOwn(read, '__proto__'),
        'x' in read,
      ]).toEqual([true, true, false]);
    },
  );
});
