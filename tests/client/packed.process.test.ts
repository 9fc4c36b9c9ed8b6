/** The package as it is published: a project of its own compiles against its types, and runs it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A directive that expects an error is one itself where there is none. */
const consumer = `
import { createHospitalClient } from 'hospital-streaming-api/client';
const client = createHospitalClient({ url: 'http://127.0.0.1:9', key: () => 'key' });
export async function births(): Promise<(string | null)[]> {
  const { data = [] } = await client.api.GET('/patients', { params: { query: { limit: 5 } } });
  // @ts-expect-error patients have no such field
  data.map(({ birth_date }) => birth_date);
  return data.map(({ dob }) => dob);
}
// @ts-expect-error the parameter is called limit
export const wrong = () => client.api.GET('/patients', { params: { query: { limits: 5 } } });
console.log(typeof client.follow('patients').next);
`;
const compilerOptions = {
  ...{ target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', strict: true },
  ...{ lib: ['es2022', 'dom', 'dom.iterable'], types: [], outDir: 'out' },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hospital-consumer-'));
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'hospital-streaming-api');
  await mkdir(own, { recursive: true });
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: project,
  });
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', join(folder, tarball), '-C', own, '--strip-components=1']);
  // What the client depends on, and nothing else of this project.
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers']) {
    await symlink(join(project, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  await writeFile(join(folder, 'consumer.ts'), consumer);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the packed client compiles in another project, wrong names do not, and it runs there', async () => {
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler], { cwd: folder }).catch((error: unknown) => {
    throw new Error(String((error as { readonly stdout?: string }).stdout ?? error));
  });
  const { stdout } = await run(process.execPath, ['out/consumer.js'], { cwd: folder });
  expect(stdout).toBe('function\n');
}, 120_000);

it('the packed client imports its own modules and openapi-fetch, and nothing of Node', async () => {
  const client = join(folder, 'node_modules/hospital-streaming-api/dist/client');
  const files = (await readdir(client)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(files.map((name) => readFile(join(client, name), 'utf8')));
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => name),
  );
  const others = imported.filter((name) => !files.includes(name.replace('./', '')));
  expect([...new Set(others)]).toEqual(['openapi-fetch']);
});
