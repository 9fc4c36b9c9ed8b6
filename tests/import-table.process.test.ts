/** The import table holds: each forbidden import that is tried in a made-up tree is refused by its rule. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A file, what it imports, and the rule that refuses it; none where it is allowed. */
const tries: readonly [file: string, imported: string, rule: string | undefined][] = [
  ['contract/a.ts', '../db/target.js', 'contract-imports'],
  ['config/a.ts', '../http/target.js', 'config-imports'],
  ['http/a.ts', '../feed/target.js', 'http-imports'],
  ['http/b.ts', '../operations/target.js', 'http-imports'],
  ['http/c.ts', '../contract/target.js', undefined],
  ['http/d.ts', '../audit/target.js', 'http-imports'],
  ['audit/a.ts', '../feed/target.js', 'audit-imports'],
  ['security/a.ts', '../http/target.js', 'security-imports'],
  ['operations/a.ts', '../http/target.js', 'operations-imports'],
  ['operations/b.ts', '../feed/target.js', undefined],
  ['feed/a.ts', '../ingest/target.js', 'feed-imports'],
  ['feed/b.ts', '../db/target.js', undefined],
  ['ingest/a.ts', '../http/target.js', 'ingest-imports'],
  ['ingest/b.ts', '../db/target.js', undefined],
  ['db/a.ts', '../feed/target.js', 'db-imports'],
  ['producer/a.ts', '../db/target.js', 'producer-imports'],
  ['producer/b.ts', '../../packages/client/src/client.js', undefined],
  ['http/e.ts', '../../packages/client/src/client.js', 'http-imports'],
  ['../packages/client/src/a.ts', '../../../src/contract/target.js', 'client-imports'],
  ['problem.ts', './db/target.js', 'root-imports-little'],
  ['operations/c.ts', '../log.js', 'log-and-config-are-types'],
  ['service.ts', './db/target.js', undefined],
];

let folder: string;
let refused: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-table-'));
  const folders = new Set(tries.map(([file]) => dirname(file)).filter((name) => name !== '.'));
  await put('src/log.ts', 'export const target = 1;\n');
  await put('packages/client/src/client.ts', 'export const target = 1;\n');
  for (const name of folders) await put(`src/${name}/target.ts`, 'export const target = 1;\n');
  for (const [file, imported] of tries) {
    await put(`src/${file}`, `import { target } from '${imported}';\nconsole.log(target);\n`);
  }
  await put('tsconfig.json', '{ "compilerOptions": { "module": "NodeNext" } }');
  refused = await violations();
});
afterAll(() => rm(folder, { recursive: true }));

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

async function violations(): Promise<readonly string[]> {
  const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = resolve('.dependency-cruiser.cjs');
  const options = ['src', 'packages', '--config', config, '--output-type', 'json', '--no-cache'];
  const run = promisify(execFile)(process.execPath, [program, ...options], { cwd: folder });
  // It ends with the number of violations, and prints them all the same.
  const { stdout } = await run.catch((error: unknown) => error as { stdout: string });
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] };
  };
  return summary.violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`);
}

describe('an import of', () => {
  it.each(tries)('src/%s, %s, meets %s', (file, imported, rule) => {
    const target = join('src', dirname(file), imported).replace(/\.js$/, '.ts');
    const edge = `${join('src', file)} -> ${target}: `;
    const rules = refused.filter((line) => line.startsWith(edge));
    expect(rules).toEqual(rule === undefined ? [] : [`${edge}${rule}`]);
  });
});
