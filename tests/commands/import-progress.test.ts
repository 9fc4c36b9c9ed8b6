/** Progress of a load: a bar on a terminal, lines elsewhere. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, progressText } from '../../src/commands/import-progress.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function run(isTTY: boolean, ms: number) {
  let text = '';
  const output = { isTTY, write: (part: string | Uint8Array) => ((text += String(part)), true) };
  const progress = createProgress({ output, now: () => Date.now() });
  progress.file({ name: '/extract/Patient.ndjson', bytes: 2_000_000, lines: () => unread() });
  progress.bytes(500_000);
  progress.records(5000);
  vi.advanceTimersByTime(ms);
  progress.close();
  return text;
}

async function* unread() {
  await Promise.resolve();
  yield [];
}

describe('createProgress', () => {
  it('writes a line every five seconds where there is no terminal', () => {
    expect(run(false, 4_900)).toBe('');
    expect(run(false, 10_100)).toBe(
      [
        'Patient.ndjson 25% 0.5 of 2.0 MB, 1,000 records/s, 0:15 left\n',
        'Patient.ndjson 25% 0.5 of 2.0 MB, 500 records/s, 0:30 left\n',
      ].join(''),
    );
  });

  it('draws a bar on a terminal', () => {
    const [, first] = run(true, 300).split('\r\u001b[K');
    expect(first).toBe(
      '[#####---------------] Patient.ndjson 25% 0.5 of 2.0 MB, 25,000 records/s, 0:01 left',
    );
  });

  it('knows no end of a stream', () => {
    const file = { name: '-', size: undefined, startMs: 0, bytes: 1_500_000, records: 10 };
    expect(progressText(file, 1000)).toBe('- 1.5 MB, 10 records/s');
  });
});
