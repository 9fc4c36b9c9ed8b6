/** `hospital-api warehouse plan BASE`: the steps for a contract that was, and one line for what is none. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applied, drop } from '../contract-diff/edits.js';
import { type Folder, makeFolder } from './processes.js';

const present = fileURLToPath(new URL('../../generated/openapi.json', import.meta.url));

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

const plan = (base: string) => folder.command(['warehouse', 'plan', base]);

describe('warehouse plan', () => {
  it('0 with the steps of roll-out from a contract before', async () => {
    const document = JSON.parse(await readFile(present, 'utf8')) as never;
    const edits = [drop('#/components/schemas/Patient/properties/mrn')];
    await folder.write('base.json', JSON.stringify(applied(document, edits)));
    const { status, stdout, stderr } = await plan('base.json');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^1\. Tables and views, before .*\n {3}ALTER TABLE `\$\{dataset\}\.patients` ADD COLUMN IF NOT EXISTS `mrn` [^]*the view patients_current changes[^]*\n2\. The service, .*\n3\. When .*\n {3}nothing\n/,
    );
  });

  it('0 where tables and views stay as they are', async () => {
    expect(await plan(present)).toEqual({
      ...{ status: 0, stdout: 'Tables and views stay as they are.\n', stderr: '' },
    });
  });

  it.each([
    ['is missing', undefined, 'ENOENT'],
    ['is no JSON', '{"openapi": ', 'JSON'],
    ['is no contract', '{"openapi": "3.1.0"}', 'releases/1.0.0.json'],
  ])('1 with one line for a file that %s', async (_what, text, why) => {
    const file = text === undefined ? 'nowhere.json' : await folder.write('broken.json', text);
    const { status, stdout, stderr } = await plan(file);
    expect([status, stdout]).toEqual([1, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringContaining(`${file} cannot be read as a bundled contract`),
    ]);
    expect(stderr).toContain(why);
  });

  it('1 without BASE, and for another action', async () => {
    const none = await folder.command(['warehouse', 'plan']);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining("argument 'base'")]);
    const other = await folder.command(['warehouse', 'build', present]);
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('choices are plan')]);
  });
});
