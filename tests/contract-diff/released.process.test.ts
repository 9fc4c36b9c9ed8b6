/** What `npm run contract:release` does to a project, tried on a copy: what it writes. */
import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { release } from '../../tools/contract-release.js';

const parts = ['api-spec', 'mocks', 'src', 'packages', 'tools', 'generated', 'docs'];
const files = ['package.json', 'tsconfig.json', 'redocly.yaml', 'CHANGELOG.md'];
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'release-'));
  for (const name of [...parts, ...files]) await cp(name, join(copy, name), { recursive: true });
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true }));

const read = (file: string) => readFile(join(copy, file), 'utf8');

async function edit(file: string, from: RegExp, to: string): Promise<void> {
  const text = await read(file);
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${file} holds no ${from.source}`);
  await writeFile(join(copy, file), edited);
}

async function releases(): Promise<readonly string[]> {
  return (await readdir(join(copy, 'api-spec/releases'))).sort();
}

describe('contract:release', { timeout: 120_000 }, () => {
  it('writes version, changelog, artifacts and the release', async () => {
    const before = await releases();
    // Another parameter is a minor version more than the last release.
    const [major = 0, minor = 0] = (before.at(-1) ?? '').split('.').map(Number);
    const version = `${major}.${minor + 1}.0`;
    const file = `api-spec/releases/${version}.json`;
    await edit(
      'api-spec/paths/patients.yaml',
      /^ {2}parameters:\n/m,
      "  parameters:\n    - { name: colour, in: query, description: 'A colour.', example: red, schema: { type: string, maxLength: 9 } }\n",
    );
    expect(await release(copy)).toBe(join(copy, file));
    expect(await releases()).toEqual([...before, `${version}.json`]);
    expect(await read('api-spec/openapi.yaml')).toContain(`\n  version: ${version}\n`);
    expect(await read(file)).toBe(await read('generated/openapi.json'));
    const log = await read('CHANGELOG.md');
    const entry = `## Unreleased\n\n### Contract ${version}\n\n(- .+\n)*`;
    expect(log).toMatch(new RegExp(`${entry}- compatible: \`GET /patients parameters colour\``));
  });
});
