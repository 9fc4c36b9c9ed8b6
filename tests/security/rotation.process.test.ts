/** The steps of docs/rotation.md, run as they stand while a client polls with its key. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoogleService, nameOf, startGoogleService } from '../support/google-keys.js';
import { transport } from '../support/service.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const refreshMs = 2_000;
const run = promisify(execFile);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let guide: string;
let service: GoogleService;
beforeAll(async () => {
  guide = await readFile(join(root, 'docs/rotation.md'), 'utf8');
  service = await startGoogleService({
    rules: { refreshMs },
    config: { transport: { ...transport, trustProxy: 1 } },
  });
});
afterAll(() => service.close());

/** The commands below `<!-- step: name -->`. */
function step(name: string): string {
  const [, rest] = guide.split(`<!-- step: ${name} -->`);
  const commands = /```sh\n([^]*?)```/.exec(rest ?? '')?.[1];
  if (commands === undefined) throw new Error(`docs/rotation.md has no step ${name}`);
  return commands;
}

/** Runs commands of the guide with its variables, on the local Secret Manager. */
async function sh(commands: string, variables: Readonly<Record<string, string>> = {}) {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: root,
    env: {
      ...process.env,
      PROJECT: 'hospital',
      SECRET: 'patients_api_key',
      SERVICE_ACCOUNT: 'hospital-api@hospital.iam.gserviceaccount.com',
      SECRET_MANAGER_PROJECT: 'hospital',
      SECRET_MANAGER_EMULATOR_HOST: service.manager.host,
      ...variables,
      PATH: `${join(root, 'tests/support/secret-manager')}:${process.env.PATH ?? ''}`,
    },
  });
  return stdout;
}

/** Asks every 10 ms with the key that the client has at the moment. */
function startClient(first: string, address: string) {
  let key = first;
  const seen: { readonly status: number; readonly key: string; readonly at: number }[] = [];
  const ending = new AbortController();
  const done = (async () => {
    while (!ending.signal.aborted) {
      const sent = key;
      const headers = { 'x-forwarded-for': address };
      const { status } = await service.fetch('/patients?limit=1', { key: sent, headers });
      seen.push({ status, key: sent, at: performance.now() });
      await sleep(10);
    }
  })();
  return {
    seen,
    use: (next: string) => {
      key = next;
    },
    end: async () => {
      ending.abort();
      await done;
    },
  };
}

describe('docs/rotation.md', () => {
  it('200 for a client that polls every 10 ms through add, move and disable; 401 for the old key then', async () => {
    const oldKey = (await sh(step('move'))).trim();
    const client = startClient(oldKey, '198.51.100.1');
    await sleep(200);
    await sh(step('add'));
    const newKey = (await sh(step('move'))).trim();
    const old = startClient(oldKey, '198.51.100.2');
    client.use(newKey);
    await sleep(500);
    await sh(step('disable'));
    const disabledAt = performance.now();
    await expect.poll(() => old.seen.at(-1)?.status, { timeout: 20_000 }).not.toBe(200);
    await Promise.all([client.end(), old.end()]);
    expect(newKey).not.toBe(oldKey);
    expect(client.seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(client.seen.map(({ key }) => key))).toEqual(new Set([oldKey, newKey]));
    const before = old.seen.filter(({ at }) => at < disabledAt - 1_500);
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set([200]));
    expect([401, 429]).toContain(old.seen.at(-1)?.status);
  }, 60_000);

  it('makes a secret that the service can read', async () => {
    await sh(step('create'), { SECRET: 'made_by_the_guide' });
    const { payload } = service.manager.secrets.access(`${nameOf('made_by_the_guide')}/versions/1`);
    expect(payload.data.toString()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('200 with either key after `keys rotate`, 401 with the old one after `keys revoke`; neither is ever shown', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hospital-keys-command-'));
    const command = join(root, 'src/commands/hospital-api.ts');
    // An import is a URL, and the folder's name may hold what a URL has to escape.
    const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
    const commands = step('command').replaceAll(
      'npm run keys --',
      `cd '${folder}'; node --import '${loader}' '${command}' keys`,
    );
    const [rotate = '', ...rest] = commands.trim().split('\n');
    const oldKey = (await sh(step('move'))).trim();
    const told = await sh(rotate);
    const newKey = (await sh(step('move'))).trim();
    expect([
      await service.statusOf('/patients', newKey),
      await service.statusOf('/patients', oldKey),
    ]).toEqual([200, 200]);
    const after = await sh(rest.join('\n'));
    await expect
      .poll(() => service.statusOf('/patients', oldKey), { timeout: 20_000 })
      .not.toBe(200);
    expect(await service.statusOf('/patients', newKey)).toBe(200);
    expect(told).toContain('stays valid');
    expect(after).toMatch(/version +state +age +last used\n\d+ +enabled +\d+ s/);
    expect(after).toContain('is disabled');
    for (const key of [oldKey, newKey]) expect(`${told}${after}`).not.toContain(key);
  }, 60_000);
});
