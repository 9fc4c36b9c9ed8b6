/** What `hospital-api` says of itself. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, makeFolder } from './processes.js';

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

describe('hospital-api', () => {
  it('0 for --version, which is the package’s', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await folder.command(['--version'])).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it.each([[], ['serve'], ['import'], ['epoch']])(
    '0 for %s --help, which ends with examples',
    async (...name) => {
      const { status, stdout } = await folder.command([...name, '--help']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^Usage: hospital-api [^]*Examples:\n {2}\$ .*hospital-api /);
    },
  );

  it('1 for a command that there is not', async () => {
    const { status, stderr } = await folder.command(['imprt']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/unknown command 'imprt'[^]*Did you mean import/);
  });
});
