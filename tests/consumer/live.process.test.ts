/** `npm run mock -- --live`: the service on demonstration records, the same at every start. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLive } from '../../tools/mock-live.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-'));
  // The database's own account has to pass where the tests run as root.
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

async function answersOfOneStart() {
  const live = await startLive(folder, '0');
  try {
    const key = await readFile(/\$\(cat ([^)]+)\)/.exec(live.commands[0] ?? '')?.[1] ?? '', 'utf8');
    const ask = async (path: string) => {
      const response = await fetch(live.url + path, { headers: { 'x-api-key': key.trim() } });
      const { headers } = response;
      const position = ['feed-epoch', 'feed-position', 'next-cursor', 'link'];
      return {
        status: response.status,
        headers: position.map((name) => headers.get(name)),
        body: await response.text(),
      };
    };
    return [await ask('/patients?limit=5'), await ask('/patients')];
  } finally {
    await live.close();
  }
}

describe('the live mock', { timeout: 90_000 }, () => {
  it('200 with the same records, positions and cursors at every start', async () => {
    const first = await answersOfOneStart();
    const second = await answersOfOneStart();
    expect(second).toEqual(first);
    expect(first[0]?.headers[3]).toContain('rel="next"');
    expect(first[1]?.body).toContain('"updated_ts":"2026-04-01T08:00:00.000001Z"');
  });
});
