/** The histories of the feeds, as an operator shows and ends them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';
import { type Folder, makeFolder, settingsFor } from './processes.js';

let folder: Folder;
let service: TestService;
beforeAll(async () => {
  [folder, service] = await Promise.all([makeFolder(), startService()]);
  await service.write('patients', [patient('1')]);
});
afterAll(() => Promise.all([folder.remove(), service.close()]));

function command(...args: readonly string[]) {
  return folder.command(args, { DATABASE_URL: service.database.url });
}

function list(query: string) {
  return service.fetch(`/patients${query}`, { key: 'patients' });
}

describe('hospital-api epoch', { timeout: 30_000 }, () => {
  it('show: 0 with the epoch that readers get, which it leaves as it is', async () => {
    const before = (await list('')).headers;
    const { status, stdout, stderr } = await command('epoch', 'show');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^appointments: [0-9a-f]{16}, since 20\S+Z, empty$/),
      expect.stringMatching(/^lab_results: [0-9a-f]{16}, since 20\S+Z, empty$/),
      expect.stringMatching(
        `^patients: ${before.get('feed-epoch') ?? ''}, since 20\\S+Z, newest ${before.get('feed-position') ?? ''}$`,
      ),
      '',
    ]);
    expect((await list('')).headers.get('feed-epoch')).toBe(before.get('feed-epoch'));
  });

  it('new: 410 for every saved position, also one that waits, and a larger Feed-Epoch', async () => {
    const before = (await list('')).headers;
    const cursor = `?cursor=${before.get('next-cursor') ?? ''}`;
    const waiting = service.fetch(`/patients${cursor}`, {
      key: 'patients',
      headers: { prefer: 'wait=30' },
    });
    const { status, stdout } = await command('epoch', 'new');
    const after = await list('');
    const epoch = after.headers.get('feed-epoch') ?? '';
    expect(status).toBe(0);
    expect(stdout).toContain(`patients: ${epoch}, `);
    expect(epoch > (before.get('feed-epoch') ?? '')).toBe(true);
    expect([(await waiting).status, (await list(cursor)).status, after.status]).toEqual([
      410, 410, 200,
    ]);
  });

  it('new: a larger Feed-Epoch also where the clock was set back since the last', async () => {
    const ahead = Date.now() * 1000 + 86_400_000_000;
    await service.database.query('update feed set epoch = $1', [ahead]);
    await command('epoch', 'new');
    const epoch = (await list('')).headers.get('feed-epoch') ?? '';
    expect(Number.parseInt(epoch, 16)).toBe(ahead + 1);
  });
});

describe('synchronous_commit=off', { timeout: 30_000 }, () => {
  it('78 from the service and from commands, which say what would be right', async () => {
    const { url } = service.database;
    await service.database.query(
      `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit to off`,
    );
    const ended = [
      await folder.serve(await settingsFor(folder, url)).ended,
      await command('epoch', 'show'),
    ];
    for (const { status, stderr } of ended) {
      expect([status, stderr]).toEqual([
        78,
        expect.stringMatching(/^PostgreSQL has synchronous_commit=off: .* Set it to on.*\n$/),
      ]);
    }
  });
});
