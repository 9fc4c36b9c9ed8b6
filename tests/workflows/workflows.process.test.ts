/** Each workflow of the contract, run by `redocly respect` against the service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redocly } from '../../tools/redocly.js';
import { workflowFiles } from '../../tools/workflows-page.js';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  const records = Array.from({ length: 30 }, (_, index) => patient(String(index + 1)));
  await service.write('patients', records);
});
afterAll(() => service.close());

function run(file: string, url: string): Promise<string> {
  return redocly('.', [
    'respect',
    `api-spec/workflows/${file}`,
    `--server=hospital=${url}`,
    `--input=key=${keys.patients ?? ''}`,
    `--input=otherKey=${keys.appointments ?? ''}`,
  ]);
}

describe('redocly respect', { timeout: 60_000 }, async () => {
  const files = await workflowFiles();

  it('has a workflow for pulling, going on, getting one, and being refused', () => {
    expect(files).toEqual([
      'be-refused.yaml',
      'get-one.yaml',
      'go-on.yaml',
      'pull-everything.yaml',
    ]);
  });

  it.each(files)('passes %s', async (file) => {
    const output = await run(file, service.url);
    expect(output).toMatch(/Workflows: (\d+) passed, \1 total/);
    expect(output).toMatch(/Checks: (\d+) passed, \1 total/);
  });

  it('fails where the service answers otherwise', async () => {
    const empty = await startService();
    await expect(run('get-one.yaml', empty.url)).rejects.toThrow();
    await empty.close();
  });
});
