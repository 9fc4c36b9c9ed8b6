/** A checkpoint in a file: replaced whole, on disk before it counts, and written by one process at a time. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Checkpoints, parseCheckpoint, textOfCheckpoint } from './checkpoint.js';
import { takeLock } from './lock.js';
import { codeOf, ProducerFault } from './producer-fault.js';

/** @throws ProducerFault when another producer has it, it cannot be written, or is no checkpoint */
export async function openFileCheckpoints(path: string): Promise<Checkpoints> {
  const file = resolve(path);
  await writing(file, () => mkdir(dirname(file), { recursive: true }));
  const lock = await writing(file, () => takeLock(file));
  try {
    let present = await readText(file);
    const saved = present === undefined ? undefined : parseCheckpoint(present, file);
    // Whether it can be written is known before the first message goes out.
    if (present !== undefined) await replace(file, present);
    else await writing(dirname(file), () => syncFolder(file));
    return {
      saved,
      save: async (checkpoint) => {
        // A lock ends at the machine, or where a file system has no sockets; the file itself tells of others.
        if ((await readText(file)) !== present) throw changed(file);
        const text = textOfCheckpoint(checkpoint);
        await replace(file, text);
        present = text;
      },
      close: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What a checkpoint holds, without taking it. */
export async function peekFileCheckpoint(path: string) {
  const text = await readText(resolve(path));
  return text === undefined ? undefined : parseCheckpoint(text, path);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unwritable(file, error);
  }
}

async function replace(file: string, text: string): Promise<void> {
  await writing(file, async () => {
    const beside = `${file}.new`;
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
    await syncFolder(file);
  });
}

/** The new name is on disk only with its folder. */
async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writing<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ProducerFault ? error : unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): ProducerFault {
  return new ProducerFault(
    'unwritable',
    `the checkpoint ${file} cannot be written (${codeOf(error) ?? String(error)}): let the producer's account write the file and its folder, or name another with CHECKPOINT. What was published since it was last written is published again, which does no harm`,
  );
}

function changed(file: string): ProducerFault {
  return new ProducerFault(
    'busy',
    `${file} was changed by another process: run one producer with it, or give each a checkpoint of its own with CHECKPOINT`,
  );
}
