// The contract as it stands is clean, and redocly runs every rule of the project's own.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { redocly } from '../../tools/redocly.js';
import { rules } from '../../tools/lint/rules.js';

describe('redocly lint', { timeout: 60_000 }, () => {
  it('finds nothing', async () => {
    await expect(redocly('.', ['lint', 'hospital'])).resolves.toBeDefined();
  });

  it('is told of each rule', async () => {
    const config = await readFile('redocly.yaml', 'utf8');
    for (const name of Object.keys(rules)) expect(config).toContain(`hospital/${name}: error`);
  });

  it('refuses a field without x-phi', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lint-'));
    const file = join(folder, 'openapi.json');
    const text = await readFile('generated/openapi.json', 'utf8');
    await writeFile(file, text.replaceAll('"x-phi": "quasi"', '"x-other": 1'));
    await expect(redocly('.', ['lint', file])).rejects.toMatchObject({
      stdout: expect.stringContaining('hospital/field-phi') as string,
    });
    await rm(folder, { recursive: true });
  });
});
