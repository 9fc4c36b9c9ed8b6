/** Faults of the configuration as the operator sees them: all at once, a line each, status 78. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { type Folder, makeFolder, settingsFor, urlOf } from './processes.js';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

describe('serve', () => {
  it('78 for several wrong settings, with a line for each and what would be right', async () => {
    const { status, stdout, stderr } = await folder.serve({
      PORT: '80800',
      LOG_LEVEL: 'loud',
      DEMO_DATA: 'yes',
      SOURCE_TIME_ZONE: 'Mars/Olympus',
      COLLECTIONS: 'patients,medications',
    }).ended;
    expect([status, stdout]).toEqual([78, '']);
    expect(stderr.split('\n')).toEqual([
      'PORT must be a whole number from 0 to 65535',
      'LOG_LEVEL must be one of debug, info, warn, error, silent',
      'DEMO_DATA must be "true" or "false"',
      'SOURCE_TIME_ZONE must be an IANA time zone such as Europe/Berlin',
      'COLLECTIONS names medications; the contract has patients, appointments, lab_results',
      '',
    ]);
  });

  it('78 in production without a database and without keys', async () => {
    const { status, stderr } = await folder.serve({ NODE_ENV: 'production' }).ended;
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([78, 2]);
    expect(stderr).toMatch(/^DATABASE_URL must be set in production.*\n.*API_KEYS_DIR/);
  });

  it('78 for a folder of keys in which one is missing, with the name of its file', async () => {
    const database = await createDatabase();
    const { DATABASE_URL = '' } = await settingsFor(folder, database.url);
    const { status, stderr } = await folder.serve({ DATABASE_URL, API_KEYS_DIR: folder.path })
      .ended;
    await database.drop();
    expect(status).toBe(78);
    expect(stderr).toContain('patients_api_key');
  });

  it('listens where the environment says rather than .env, and .env rather than the YAML file', async () => {
    const database = await createDatabase();
    const settings = await settingsFor(folder, database.url);
    await folder.write(
      'service.yaml',
      'HOST: 127.0.0.4\nLOG_LEVEL: loud\nCOLLECTIONS: [patients]\n',
    );
    await folder.write('.env', 'CONFIG_FILE=service.yaml\nHOST=127.0.0.3\nLOG_LEVEL=info\n');
    const service = folder.serve({ ...settings, HOST: '127.0.0.2' });
    expect(await urlOf(service)).toContain('//127.0.0.2:');
    await service.line(/^curl .*\/patients\?/m);
    expect(service.output().stdout).not.toMatch(/^curl .*\/appointments\?/m);
    await folder.remove();
    await database.drop();
  });
});
