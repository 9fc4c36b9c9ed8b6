/** What PostgreSQL sends, cut in pieces anywhere. */
import { expect, it } from 'vitest';
import fc from 'fast-check';
import { takeRows } from '../../src/db/undecoded-rows.js';

function message(kind: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 'latin1');
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

function rowOf(columns: readonly (string | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(columns.length);
  const parts = columns.map((column) => {
    const text = Buffer.from(column ?? '');
    const length = Buffer.alloc(4);
    length.writeInt32BE(column === null ? -1 : text.length);
    return Buffer.concat([length, text]);
  });
  return message('D', Buffer.concat([count, ...parts]));
}

function pieces(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

const columns = fc.array(fc.option(fc.string({ unit: 'grapheme' })), { maxLength: 4 });

it('rows come whole and in order, and the rest as it was, whatever the pieces are', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  const messages = fc.array(
    fc.oneof(
      columns.map((row) => ({ row, bytes: rowOf(row) })),
      fc.string({ maxLength: 30 }).map((text) => ({ bytes: message('C', Buffer.from(text)) })),
    ),
  );
  fc.assert(
    fc.property(messages, sizes, (sent, cuts) => {
      const rows: unknown[] = [];
      const rest: Buffer[] = [];
      const take = takeRows({
        onRow: (row) => {
          rows.push(row.map((column) => column && Buffer.from(column, 'latin1').toString()));
        },
        onRest: (bytes) => void rest.push(bytes),
      });
      for (const piece of pieces(Buffer.concat(sent.map(({ bytes }) => bytes)), cuts)) {
        // In memory that is used again.
        const memory = Buffer.from(piece);
        take(memory);
        memory.fill(0);
      }
      expect(rows).toEqual(sent.flatMap((each) => ('row' in each ? [each.row] : [])));
      const others = sent.flatMap((each) => ('row' in each ? [] : [each.bytes]));
      expect(Buffer.concat(rest)).toEqual(Buffer.concat(others));
    }),
  );
});
