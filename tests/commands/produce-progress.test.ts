/** Progress of publishing: one line that changes on a terminal, a line every ten seconds elsewhere. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProduceProgress } from '../../src/commands/produce-show.js';
import { createCounters } from '../../src/producer/metrics.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function run(isTTY: boolean, ms: number) {
  let text = '';
  const output = { isTTY, write: (part: string | Uint8Array) => ((text += String(part)), true) };
  const counters = createCounters(['patients', 'lab_results']);
  const progress = createProduceProgress({ counters, output });
  counters.published('lab_results', 2_000, 1_000_000);
  counters.behind('lab_results', 90);
  counters.retried('lab_results', 'publish');
  vi.advanceTimersByTime(ms);
  const shown = text;
  progress.close();
  return { shown, end: text.slice(shown.length) };
}

const line =
  'patients 0, not read yet · lab_results 2,000, 90 s behind │ 200 records/s · 1 tried again';

describe('createProduceProgress', () => {
  it('writes a line every ten seconds where there is no terminal, and one in the end', () => {
    expect(run(false, 9_900).shown).toBe('');
    const { shown, end } = run(false, 10_000);
    expect(shown).toBe(`${line}\n`);
    expect(end).toBe(`${line.replace('200', '0')}\n`);
  });

  it('writes one line that changes on a terminal', () => {
    const { shown, end } = run(true, 1_000);
    const quick = line.replace('200', '4,000');
    const still = line.replace('200', '0');
    expect(shown).toBe(`\r\u001b[K${quick}\r\u001b[K${still}`);
    expect(end).toBe(`\r\u001b[K${still}\n`);
  });
});
