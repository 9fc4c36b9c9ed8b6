/** Ages of versions as text: its order is the order of age. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceVersionOf } from '../../src/ingest/fhir/identity.js';

describe('sourceVersionOf', () => {
  it.each([
    ['a version number', { versionId: '9' }, { versionId: '10' }],
    ['a version number with zeros before', { versionId: '009' }, { versionId: '10' }],
    [
      'a moment elsewhere on the globe',
      { lastUpdated: '2026-01-05T12:00:00+02:00' },
      { lastUpdated: '2026-01-05T10:30:00Z' },
    ],
    [
      'a moment of more digits',
      { lastUpdated: '2026-01-05T10:00:00.5Z' },
      { lastUpdated: '2026-01-05T10:00:00.512Z' },
    ],
    [
      'the number at the same moment',
      { versionId: '2', lastUpdated: '2026-01-05T10:00:00Z' },
      { versionId: '3', lastUpdated: '2026-01-05T05:00:00.000-05:00' },
    ],
    [
      'the moment before the number',
      { versionId: '3', lastUpdated: '2026-01-05T10:00:00Z' },
      { versionId: '2', lastUpdated: '2026-01-05T10:00:01Z' },
    ],
    [
      'a moment before 1970',
      { lastUpdated: '1969-12-31T23:59:59Z' },
      { lastUpdated: '1970-01-01T00:00:00Z' },
    ],
    ['none before any moment', { versionId: '3' }, { lastUpdated: '1999-01-05T10:00:00Z' }],
  ])('orders %s', (_, older, newer) => {
    expect([sourceVersionOf(newer), sourceVersionOf(older)].sort()).toEqual([
      sourceVersionOf(older),
      sourceVersionOf(newer),
    ]);
  });

  it.each([
    ['nothing said', undefined],
    ['an opaque version id', { versionId: 'W/"a1"' }],
    ['a moment without a zone', { lastUpdated: '2026-01-05T10:00:00' }],
    ['a moment that is none', { lastUpdated: '2026-13-45T10:00:00+01:00' }],
    ['a moment in no zone', { lastUpdated: '2026-01-05T10:00:00+14:30' }],
    ['a moment before the year 0', { lastUpdated: '0000-01-01T00:00:00+12:00' }],
    ['other types', { versionId: 3, lastUpdated: null }],
  ])('tells nothing of %s', (_, meta) => {
    expect(sourceVersionOf(meta)).toBeUndefined();
  });

  it('is printable ASCII of any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (versionId, lastUpdated) => {
        expect(sourceVersionOf({ versionId, lastUpdated }) ?? '').toMatch(/^[!-~]*$/);
      }),
    );
  });
});
