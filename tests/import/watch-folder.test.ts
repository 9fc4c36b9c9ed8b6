/** Files that appear in a folder: each is loaded once it is complete, and moved. */
import { appendFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Destination, watchFolder } from '../../src/ingest/read/watch-folder.js';

let folder = '';
let ending = new AbortController();
const settleMs = 150;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watched '));
  ending = new AbortController();
});
afterEach(() => rm(folder, { recursive: true }));

async function start(outcome: (path: string) => Promise<Destination> | Destination = () => 'done') {
  const loaded: string[] = [];
  const load = async (path: string): Promise<Destination> => {
    loaded.push(basename(path));
    return outcome(path);
  };
  const { signal } = ending;
  let ended = new Promise<never>(() => undefined);
  await new Promise<void>((onReady) => {
    ended = watchFolder({ folder, settleMs, load, signal, onReady });
    ended.catch(() => undefined);
  });
  return {
    loaded,
    ended,
    async stop() {
      ending.abort(new Error('stopped'));
      await expect(ended).rejects.toThrow('stopped');
    },
  };
}

async function filesIn(name: string): Promise<readonly string[]> {
  return (await readdir(join(folder, name))).sort();
}

function eventually(check: () => Promise<void> | void): Promise<void> {
  return vi.waitFor(check, { timeout: 8000, interval: 50 });
}

describe('watchFolder', () => {
  it('loads what lies there and what comes, and moves it', async () => {
    await writeFile(join(folder, 'a.ndjson'), 'x');
    const watch = await start((path) => (path.endsWith('b.csv') ? 'rejected' : 'done'));
    await writeFile(join(folder, 'b.csv'), 'x');
    await eventually(async () => {
      expect([await filesIn('done'), await filesIn('rejected')]).toEqual([['a.ndjson'], ['b.csv']]);
    });
    await watch.stop();
    expect(watch.loaded.sort()).toEqual(['a.ndjson', 'b.csv']);
  });

  it('waits until a file is complete', async () => {
    const watch = await start();
    const path = join(folder, 'slow.ndjson');
    for (let n = 0; n < 5; n += 1) {
      await appendFile(path, 'x');
      await new Promise((done) => setTimeout(done, settleMs / 3));
      expect(watch.loaded).toEqual([]);
    }
    await eventually(async () => {
      expect(await filesIn('done')).toEqual(['slow.ndjson']);
    });
    await watch.stop();
    expect(watch.loaded).toEqual(['slow.ndjson']);
  });

  it('takes a file that is renamed into place, and leaves alone what is none yet', async () => {
    const watch = await start();
    await writeFile(join(folder, 'c.ndjson.part'), 'x');
    await writeFile(join(folder, '.hidden.ndjson'), 'x');
    await writeFile(join(folder, 'd.part'), 'x');
    await rename(join(folder, 'd.part'), join(folder, 'd.ndjson.gz'));
    await eventually(async () => {
      expect(await filesIn('done')).toEqual(['d.ndjson.gz']);
    });
    await watch.stop();
    expect(watch.loaded).toEqual(['d.ndjson.gz']);
  });

  it('keeps folders, and files of the same name apart', async () => {
    await mkdir(join(folder, 'night'));
    const watch = await start();
    for (const done of [['a.ndjson'], ['a.2.ndjson', 'a.ndjson']]) {
      await writeFile(join(folder, 'night', 'a.ndjson'), 'x');
      await eventually(async () => {
        expect(await filesIn('done/night')).toEqual(done);
      });
    }
    await watch.stop();
  });

  it('loads again what was written to while it was read', async () => {
    let isFirst = true;
    const watch = await start(async (path): Promise<Destination> => {
      if (isFirst) await appendFile(path, 'more');
      isFirst = false;
      return 'done';
    });
    await writeFile(join(folder, 'a.ndjson'), 'x');
    await eventually(async () => {
      expect(await filesIn('done')).toEqual(['a.ndjson']);
    });
    await watch.stop();
    expect(watch.loaded).toEqual(['a.ndjson', 'a.ndjson']);
  });

  it('ends with the fault of a load, the file left to be loaded at the next start', async () => {
    await writeFile(join(folder, 'a.ndjson'), 'x');
    const broken = await start(() => Promise.reject(new Error('no database')));
    await expect(broken.ended).rejects.toThrow('no database');
    const next = await start();
    await eventually(async () => {
      expect(await filesIn('done')).toEqual(['a.ndjson']);
    });
    await next.stop();
  });
});
