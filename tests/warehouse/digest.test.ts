/** The digest that feed and table are compared by. */
import { expect, it } from 'vitest';
import { digestOf } from '../support/warehouse/digest.js';

const entries = [
  { id: 'ehr:Patient:1', position: 1_767_600_000_000_001 },
  { id: 'ehr:Patient:2', position: 1_767_600_000_000_002 },
];

it('is the same in any order, another for another position, and zeros for nothing', () => {
  expect(digestOf(entries)).toBe(digestOf(entries.toReversed()));
  expect(digestOf(entries)).not.toBe(
    digestOf(entries.map((entry) => ({ ...entry, position: entry.position + 1 }))),
  );
  expect(digestOf([])).toBe('000000000000000');
});

it('begins with the digits of the MD5 sum, so that any engine can make it', () => {
  // printf '1767600000000001 ehr:Patient:1' | md5sum
  expect(digestOf(entries.slice(0, 1))).toBe('82eecfa2c38cf43');
});
