/** Lines from bytes: whatever the chunks, endings and encodings. */
import { describe, expect, it } from 'vitest';
import { type Line, readLines } from '../../src/ingest/read/lines.js';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) {
    yield await Promise.resolve(bytes.subarray(from, from + size));
  }
}

async function linesOf(input: string | Buffer, { size = 3, limit = 1000 } = {}) {
  const lines: (readonly [number, string])[] = [];
  for await (const portion of readLines(inPieces(Buffer.from(input), size), limit)) {
    lines.push(...portion.map(summary));
  }
  return lines;
}

function summary(line: Line): readonly [number, string] {
  return [line.number, line.kind === 'text' ? line.text : `(${line.rule})`];
}

describe.each([1, 2, 3, 7, 1000])('readLines in chunks of %i bytes', (size) => {
  const cases: readonly [string, string | Buffer, readonly (readonly [number, string])[]][] = [
    ['nothing', '', []],
    [
      'no line feed at the end',
      '{"a":1}\n{"b":2}',
      [
        [1, '{"a":1}'],
        [2, '{"b":2}'],
      ],
    ],
    [
      'empty lines, which are counted',
      '\n{}\n \n\r\n{}\n\n',
      [
        [2, '{}'],
        [5, '{}'],
      ],
    ],
    [
      'CRLF',
      '{"a":1}\r\n{}\r\n',
      [
        [1, '{"a":1}\r'],
        [2, '{}\r'],
      ],
    ],
    [
      'characters of several bytes',
      '{"ä":"😀"}\n{"日":1}\n',
      [
        [1, '{"ä":"😀"}'],
        [2, '{"日":1}'],
      ],
    ],
    [
      'a byte order mark',
      '\ufeff{"a":1}\n{}\n',
      [
        [1, '{"a":1}'],
        [2, '{}'],
      ],
    ],
    ['a byte order mark alone', '\ufeff\n{}', [[2, '{}']]],
    [
      'a line that is no UTF-8',
      Buffer.concat([
        Buffer.from('{}\n{"a":"'),
        Buffer.from([0xff, 0xc3]),
        Buffer.from('"}\n{"b":1}\n{}'),
      ]),
      [
        [1, '{}'],
        [2, '(utf-8)'],
        [3, '{"b":1}'],
        [4, '{}'],
      ],
    ],
    ['a character that ends too early', Buffer.from([0x7b, 0xe2, 0x82]), [[1, '(utf-8)']]],
  ];
  it.each(cases)('reads %s', async (_, input, expected) => {
    expect(await linesOf(input, { size })).toEqual(expected);
  });

  it('says of a line over the limit that it is, and reads the rest', async () => {
    const input = `{}\n"${'x'.repeat(50)}"\n"12345678"\n"123456789"\n"${'y'.repeat(50)}"`;
    expect(await linesOf(input, { size, limit: 10 })).toEqual([
      [1, '{}'],
      [2, '(line-length)'],
      [3, '"12345678"'],
      [4, '(line-length)'],
      [5, '(line-length)'],
    ]);
  });
});
