/** Stays with a folder and loads each file that is completed in it, one after another. */
import { mkdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { isReadable } from './read-input.js';

/** Where a file goes when it was loaded: in full, or but for what was rejected. */
export type Destination = 'done' | 'rejected';

const destinations: readonly Destination[] = ['done', 'rejected'];

export interface FolderWatch {
  readonly folder: string;
  /** A file is complete when it has not changed for so long; one that is renamed into place, too. */
  readonly settleMs: number;
  /** What it throws ends the watch and leaves the file where it is, to be loaded at the next start. */
  readonly load: (path: string) => Promise<Destination>;
  readonly signal: AbortSignal;
  /** Told once all that lay in the folder is known. */
  readonly onReady?: () => void;
}

/**
 * Ends with the signal's reason. A file is moved only after it was loaded: one that is loaded, but not yet moved when
 * the process ends, is loaded again at the next start, and changes nothing.
 */
export async function watchFolder(watch: FolderWatch): Promise<never> {
  const folder = resolve(watch.folder);
  for (const name of destinations) await mkdir(join(folder, name), { recursive: true });
  const queue = createQueue();
  const watcher = await open(folder, watch, queue.add);
  const abort = () => {
    queue.wake();
  };
  watch.signal.addEventListener('abort', abort);
  try {
    for (;;) {
      watch.signal.throwIfAborted();
      const path = await queue.next();
      watch.signal.throwIfAborted();
      if (path !== undefined) await loadOne(folder, path, watch, queue.add);
    }
  } finally {
    watch.signal.removeEventListener('abort', abort);
    await watcher.close();
  }
}

async function open(
  folder: string,
  { settleMs, onReady }: FolderWatch,
  add: (path: string) => void,
): Promise<FSWatcher> {
  const { watch } = await import('chokidar');
  const watcher = watch(folder, {
    ignored: (path, stats) => isLeftAlone(relative(folder, path), stats?.isFile() === true),
    awaitWriteFinish: { stabilityThreshold: settleMs, pollInterval: Math.min(settleMs, 100) },
  });
  watcher.on('add', add).on('change', add);
  await new Promise<void>((done, fail) => {
    watcher.once('ready', done).once('error', fail);
  });
  onReady?.();
  return watcher;
}

/** Hidden files, what is done with, and names that say they are no file to read (or none yet, as `.part`). */
function isLeftAlone(path: string, isFile: boolean): boolean {
  const steps = path.split(sep);
  return (
    steps.some((step) => step.startsWith('.')) ||
    destinations.some((name) => name === steps[0]) ||
    (isFile && !isReadable(path))
  );
}

async function loadOne(
  folder: string,
  path: string,
  { load }: FolderWatch,
  enqueue: (path: string) => void,
): Promise<void> {
  const before = await versionOf(path);
  if (before === undefined) return;
  const destination = await load(path);
  const after = await versionOf(path);
  if (after === undefined) return;
  // Written to while it was read: what was read of it is not what it is.
  if (after !== before) enqueue(path);
  else await move(path, join(folder, destination, relative(folder, path)));
}

/** Nothing when the file is gone. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return [ino, size, mtimeMs].join(' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A file of the same name that was there before keeps it. */
async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const ending = extname(to);
  const stem = join(dirname(to), basename(to, ending));
  let free = to;
  for (let n = 2; (await versionOf(free)) !== undefined; n += 1) free = `${stem}.${n}${ending}`;
  await rename(from, free);
}

/** Paths in the order in which they came, each once; waits for the next. */
function createQueue() {
  const paths = new Set<string>();
  let wake = (): void => undefined;
  return {
    add: (path: string): void => {
      paths.add(path);
      wake();
    },
    wake: () => {
      wake();
    },
    /** Nothing when it was woken without a path. */
    async next(): Promise<string | undefined> {
      if (paths.size === 0) {
        await new Promise<void>((done) => {
          wake = done;
        });
      }
      const [path] = paths;
      if (path !== undefined) paths.delete(path);
      return path;
    },
  };
}
