/** `--check-config`: every setting as it counts, where it comes from, and no secret. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settings } from '../../src/config/settings.js';
import { type Folder, makeFolder, programs } from './processes.js';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const secret = 'shown-to-nobody';

async function check(env: Readonly<Record<string, string>>) {
  const ended = await folder.run(programs.main, ['--check-config'], env).ended;
  const lines = ended.stdout.split('\n').map((line) => line.replace(/ +# /, ' # '));
  return { ...ended, lines };
}

describe('npm start -- --check-config', () => {
  it('0 with every setting, its source, and what the others make of it', async () => {
    await folder.write('service.yaml', 'LOG_LEVEL: warn\nPORT: 1\n');
    await folder.write('.env', 'CONFIG_FILE=service.yaml\nPORT=2\nHOST=\n');
    const { status, lines, stderr } = await check({ PORT: '3' });
    expect([status, stderr]).toEqual([0, '']);
    expect(lines).toEqual(
      expect.arrayContaining([
        'PORT=3 # environment',
        'LOG_LEVEL=warn # service.yaml',
        'KEEP_SOURCE=true # default',
        'HOST=127.0.0.1 # by the other settings',
        'RESPONSE_CHECK=always # by the other settings',
      ]),
    );
    const names = lines.map((line) => line.slice(0, Math.max(0, line.indexOf('='))));
    expect(names).toEqual(expect.arrayContaining(Object.keys(settings)));
  });

  it('0 without a password, a key or a header field', async () => {
    await folder.write('.env', `DATABASE_URL=postgres://hospital:${secret}@localhost/hospital\n`);
    const { status, stdout, lines } = await check({
      DATABASE_MIGRATION_URL: `postgres://localhost/hospital?user=owner&password=${secret}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:${secret}@127.0.0.1:4318`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secret}`,
      PATIENTS_API_KEY: secret,
    });
    expect(status).toBe(0);
    expect(stdout).not.toContain(secret);
    expect(lines).toEqual(
      expect.arrayContaining([
        'DATABASE_URL=postgres://hospital:***@localhost/hospital # .env',
        'OTEL_EXPORTER_OTLP_HEADERS=*** # environment',
        'PATIENTS_API_KEY=*** # environment',
      ]),
    );
  });

  it('78 with all faults, behind the settings', async () => {
    const { status, stderr, lines } = await check({ NODE_ENV: 'production', PORT: '80800' });
    expect(status).toBe(78);
    expect(lines).toContain('PORT=80800 # environment');
    expect(stderr.split('\n')).toEqual([
      'PORT must be a whole number from 0 to 65535',
      expect.stringMatching(/^DATABASE_URL must be set/),
      expect.stringMatching(/API_KEYS_DIR/),
      '',
    ]);
  });

  it('1 for an option that there is not', async () => {
    const { status, stderr } = await folder.run(programs.main, ['--chek'], {}).ended;
    expect([status, stderr]).toEqual([
      1,
      'there is no --chek; the only option is --check-config\n',
    ]);
  });
});

it('hospital-api serve --check-config does the same', async () => {
  const { status, stdout } = await folder.command(['serve', '--check-config'], { PORT: '3' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^PORT=3 +# environment$/m);
});
