/** The demonstration set: small, always the same, and of every kind worth showing. */
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { demoInput, demoResources } from '../../src/ingest/demo-data.js';
import { createImporter } from '../../src/ingest/importer.js';
import { createMemoryStore } from './memory-store.js';

describe('demoResources', () => {
  it('are the same each time', () => {
    expect([...demoResources()]).toEqual([...demoResources()]);
  });

  it('load without a reject or a defect', async () => {
    const memory = createMemoryStore();
    const options = { contract: readContract(), store: memory.store, timeZone: 'America/New_York' };
    const report = await createImporter(options).run({ inputs: [demoInput()], source: 'demo' });
    const created = Object.values(report.collections).map((counts) => counts.created);
    expect([created, report.rejected, report.defects]).toEqual([[12, 30, 60], 0, []]);
    const records = [...memory.records.values()];
    expect(records.filter(({ recordState }) => recordState === 'inactive')).toHaveLength(1);
    expect(records.filter(({ recordState }) => recordState === 'retracted')).toHaveLength(1);
    expect(records.some(({ content }) => content.includes('"value_comparator":"<"'))).toBe(true);
    expect(records.some(({ content }) => content.includes('"dob":null,"dob_text":"1948"'))).toBe(
      true,
    );
  });
});
