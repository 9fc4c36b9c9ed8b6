/** Which files the paths of an operator mean. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { ImportError, type Input, type Line } from '../../src/ingest/read/lines.js';
import { findInputs } from '../../src/ingest/read/read-input.js';

const contract = readContract();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import files '));
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await mkdir(join(folder, 'empty'));
  for (const name of ['z.ndjson', 'a/2.ndjson.gz', 'a/b/1.json', 'a/notes.txt']) {
    await writeFile(join(folder, name), `{"file":"${name}"}\n`);
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function linesOf(input: Input | undefined): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const portion of input?.lines() ?? []) lines.push(...portion);
  return lines;
}

describe('findInputs', () => {
  const found: readonly [string, readonly string[], readonly string[]][] = [
    ['a folder at any depth, in order', [''], ['a/2.ndjson.gz', 'a/b/1.json', 'z.ndjson']],
    ['a file whatever it is called', ['a/notes.txt'], ['a/notes.txt']],
    ['a file named twice once', ['z.ndjson', 'z.ndjson'], ['z.ndjson']],
  ];
  it.each(found)('finds %s', async (_, paths, expected) => {
    const inputs = await findInputs(
      paths.map((path) => join(folder, path)),
      contract,
    );
    expect(inputs.map(({ name }) => name)).toEqual(expected.map((path) => join(folder, path)));
  });

  it('gives the lines of a file', async () => {
    const [input] = await findInputs([join(folder, 'z.ndjson')], contract);
    expect(await linesOf(input)).toEqual([
      { kind: 'text', number: 1, text: '{"file":"z.ndjson"}' },
    ]);
  });

  const refused: readonly [string, readonly string[], RegExp][] = [
    ['no path', [], /name files, folders of files, or -/],
    [
      'a path that is not there',
      ['nowhere'],
      /nowhere cannot be read: name a file or folder that exists/,
    ],
    ['a folder without one', ['empty'], /empty holds no file to read/],
  ];
  it.each(refused)('refuses %s', async (_, paths, message) => {
    const run = findInputs(
      paths.map((path) => join(folder, path)),
      contract,
    );
    await expect(run).rejects.toThrow(ImportError);
    await expect(run).rejects.toThrow(message);
  });

  it('says which file could not be read to its end', async () => {
    const path = join(folder, 'gone.ndjson');
    await writeFile(path, '');
    const [input] = await findInputs([path], contract);
    await rm(path);
    await expect(linesOf(input)).rejects.toThrow('gone.ndjson could not be read to its end');
  });
});
