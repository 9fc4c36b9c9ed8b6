/** The packages as they are published: a project of its own installs the client, compiles against its types, and runs it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));
const name = '@hospital-streaming-api/client';
const run = promisify(execFile);

/** A directive that expects an error is one itself where there is none. */
const consumer = (imported: string) => `
import { createHospitalClient } from '${imported}';
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
  ...{ lib: ['es2022', 'dom', 'dom.iterable'], types: [], outDir: 'out', declaration: true },
};

interface Packed {
  readonly version: string;
  readonly filename: string;
  /** Bytes, installed. */
  readonly unpackedSize: number;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hospital-consumer-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function pack(workspace: string): Promise<Packed> {
  const options = ['--json', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', ['pack', ...options], { cwd: join(project, workspace) });
  const [packed] = JSON.parse(stdout) as [Packed];
  return packed;
}

/** @returns what the consumer prints */
async function compileAndRun(imported: string): Promise<string> {
  await writeFile(join(folder, 'consumer.ts'), consumer(imported));
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler], { cwd: folder }).catch((error: unknown) => {
    throw new Error(String((error as { readonly stdout?: string }).stdout ?? error));
  });
  return (await run(process.execPath, ['out/consumer.js'], { cwd: folder })).stdout;
}

describe('the packed client', { timeout: 120_000 }, () => {
  let packed: Packed;
  beforeAll(async () => {
    packed = await pack('packages/client');
    const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...options, `./${packed.filename}`], { cwd: folder });
  }, 60_000);

  it('installs without a registry, alone, in less than 100 KB', async () => {
    const installed = await readdir(join(folder, 'node_modules'));
    expect(installed.filter((one) => !one.startsWith('.'))).toEqual(['@hospital-streaming-api']);
    expect(await readdir(join(folder, 'node_modules/@hospital-streaming-api'))).toEqual(['client']);
    expect(packed.unpackedSize).toBeLessThan(100_000);
  });

  it('has the version of the service', async () => {
    const service = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as Packed;
    expect(packed.version).toBe(service.version);
  });

  it('compiles in another project, wrong names do not, and it runs there', async () => {
    expect(await compileAndRun(name)).toBe('function\n');
  });

  it('imports its own modules alone, and nothing of Node', async () => {
    const dist = join(folder, 'node_modules', name, 'dist');
    const files = (await readdir(dist)).filter((file) => /\.(?:js|d\.ts)$/.test(file));
    const texts = await Promise.all(files.map((file) => readFile(join(dist, file), 'utf8')));
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, one = '']) => one),
    );
    const own = new Set(files.map((file) => `./${file.replace(/\.d\.ts$/, '.js')}`));
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((one) => !own.has(one))).toEqual([]);
  });
});

describe('the packed service', { timeout: 120_000 }, () => {
  let own: string;
  beforeAll(async () => {
    const { filename } = await pack('.');
    const modules = join(folder, 'node_modules');
    own = join(modules, 'hospital-streaming-api');
    await rm(modules, { recursive: true, force: true });
    await mkdir(own, { recursive: true });
    await run('tar', ['-xzf', join(folder, filename), '-C', own, '--strip-components=1']);
    const { dependencies } = JSON.parse(await readFile(join(own, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    // All that npm would install beside it: of the client there is only what the service brings.
    for (const one of Object.keys(dependencies).filter((other) => other !== name)) {
      await mkdir(join(modules, one, '..'), { recursive: true });
      await symlink(join(project, 'node_modules', one), join(modules, one));
    }
  }, 60_000);

  it('still has the client as hospital-streaming-api/client', async () => {
    expect(await compileAndRun('hospital-streaming-api/client')).toBe('function\n');
  });

  it('follows feeds with the client that it brings', async () => {
    const env = {
      ...{ PATH: process.env.PATH, SERVICE_URL: 'http://127.0.0.1:9', NODE_ENV: 'test' },
      ...{ PATIENTS_API_KEY: 'a-key-of-patients-0123456789', PUBSUB_PROJECT: 'nowhere' },
      ...{ PUBSUB_EMULATOR_HOST: '127.0.0.1:9', METADATA_SERVER_DETECTION: 'none' },
    };
    const program = join(own, 'dist/commands/hospital-api.js');
    const command = [program, 'produce', '--once', '--give-up-after', '1'];
    const failure = await run(process.execPath, command, { cwd: folder, env }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ stderr: expect.stringContaining('cannot answer') as string });
  });
});
