/**
 * A checkpoint in a bucket, written by one producer at a time without a lock service.
 *
 * Each write names the generation that it replaces, and Cloud Storage refuses it when another write came in between: of
 * two producers one gets 412 and ends. The object also names its owner, who writes at least three times in a lease, with
 * or without news. A producer that finds an owner watches the generation for one lease: if it moves, the owner lives and
 * the newcomer ends; if not, the owner is dead and the object is taken over. An object takes one write a second, so
 * saves in between are collected into the next write. On closing, the owner's name is removed, so that a restart does not
 * have to wait. A write whose answer was lost may have taken place: the owner's name then says that it is ours.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { File } from '@google-cloud/storage';
import {
  type Checkpoint,
  type Checkpoints,
  parseCheckpoint,
  textOfCheckpoint,
} from './checkpoint.js';
import { codeOf, ProducerError } from './producer-error.js';

interface Timing {
  /** A producer that did not write for so long is taken for ended. */
  readonly leaseMs: number;
  /** One object takes one write a second. */
  readonly writeEveryMs: number;
}

const usualTiming: Timing = { leaseMs: 30_000, writeEveryMs: 1_000 };

/** @throws ProducerError when another producer has it, it cannot be written, or is no checkpoint */
export async function openBucketCheckpoints(
  uri: string,
  timing: Timing = usualTiming,
): Promise<Checkpoints> {
  const object = await openObject(uri);
  const found = await takeOver(object, timing);
  const owner = randomUUID();
  const writer = createWriter({ object, found, owner, timing });
  // Taken before anything is published; of two at the same time, one finds another generation.
  await writer.claim();
  return { saved: found.checkpoint, save: writer.save, close: writer.close };
}

export async function peekBucketCheckpoint(uri: string): Promise<Checkpoint | undefined> {
  return (await (await openObject(uri)).read()).checkpoint;
}

interface Found {
  readonly generation: number | string;
  readonly checkpoint: Checkpoint | undefined;
  readonly owner: string | undefined;
}

interface StoredObject {
  readonly uri: string;
  read(): Promise<Found>;
  /** @returns the new generation */
  write(text: string, generation: number | string): Promise<number | string>;
}

/** Loaded only here: with a checkpoint in a file nothing of it is. */
async function openObject(uri: string): Promise<StoredObject> {
  const { Storage } = await import('@google-cloud/storage');
  const [, bucket = '', name = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const storage = new Storage({ retryOptions: { totalTimeout: 30, maxRetries: 5 } });
  const file = () => storage.bucket(bucket).file(name);
  return {
    uri,
    read: () => explainErrors(uri, () => readObject(file(), uri)),
    write: (text, generation) =>
      explainErrors(uri, async () => {
        const target = file();
        const preconditionOpts = { ifGenerationMatch: generation };
        const contentType = 'application/json';
        await target.save(text, { resumable: false, contentType, preconditionOpts });
        return target.metadata.generation ?? generation;
      }),
  };
}

async function readObject(file: File, uri: string): Promise<Found> {
  try {
    const [{ generation = 0 }] = await file.getMetadata();
    const [bytes] = await file.bucket.file(file.name, { generation }).download();
    const text = bytes.toString();
    const checkpoint = parseCheckpoint(text, uri);
    const { owner } = JSON.parse(text) as { readonly owner?: string };
    const isClaimOnly = checkpoint.service === '';
    return { generation, checkpoint: isClaimOnly ? undefined : checkpoint, owner };
  } catch (error) {
    if (codeOf(error) !== '404' || !/No such object|Not Found/i.test(String(error))) throw error;
    return { generation: 0, checkpoint: undefined, owner: undefined };
  }
}

/** Whoever has it writes at least three times in a lease: an object that stands still that long has nobody. */
async function takeOver(object: StoredObject, { leaseMs, writeEveryMs }: Timing): Promise<Found> {
  const found = await object.read();
  if (found.owner === undefined) return found;
  for (let waitedMs = 0; waitedMs < leaseMs; waitedMs += writeEveryMs) {
    await sleep(writeEveryMs);
    const { generation } = await object.read();
    if (String(generation) !== String(found.generation)) throw busyError(object.uri);
  }
  return found;
}

interface WriterOptions {
  readonly object: StoredObject;
  readonly found: Found;
  readonly owner: string;
  readonly timing: Timing;
}

function createWriter({ object, found, owner, timing }: WriterOptions) {
  let { generation } = found;
  let newest: Checkpoint = found.checkpoint ?? { service: '', feeds: {} };
  let writing: Promise<void> = Promise.resolve();
  let failure: unknown;
  let [writtenMs, pending, isDirty] = [0, 0, false];
  const write = (as: { readonly owner?: string }) => {
    pending += 1;
    writing = writing
      .then(async () => {
        isDirty = false;
        writtenMs = performance.now();
        generation = await writeOrTakeBack(object, textOfCheckpoint(newest, as), {
          generation,
          owner,
        });
      })
      .finally(() => (pending -= 1));
    return writing;
  };
  const timer = setInterval(() => {
    const age = performance.now() - writtenMs;
    const isDue = age >= (isDirty ? timing.writeEveryMs : timing.leaseMs / 3);
    if (!isDue || pending > 0 || failure !== undefined) return;
    // The next save throws what fails here.
    write({ owner }).catch((error: unknown) => (failure = error));
  }, timing.writeEveryMs / 4);
  timer.unref();
  return {
    claim: () => write({ owner }),
    /** At once where the last write is a second ago; otherwise soon. */
    save: async (checkpoint: Checkpoint) => {
      if (failure !== undefined) throw failure as Error;
      newest = checkpoint;
      isDirty = true;
      if (performance.now() - writtenMs >= timing.writeEveryMs) await write({ owner });
    },
    close: async () => {
      clearInterval(timer);
      await writing.catch(() => undefined);
      if (failure === undefined) await write({});
    },
  };
}

async function writeOrTakeBack(
  object: StoredObject,
  text: string,
  { generation, owner }: { readonly generation: number | string; readonly owner: string },
): Promise<number | string> {
  try {
    return await object.write(text, generation);
  } catch (error) {
    // The answer to an earlier try may have been lost: then the object is the one that was written here.
    const present = await object.read();
    if (present.owner !== owner) throw error;
    return object.write(text, present.generation);
  }
}

async function explainErrors<Result>(uri: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProducerError) throw error;
    if (codeOf(error) === '412') throw busyError(uri);
    const why = `${codeOf(error) ?? ''} ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`;
    throw new ProducerError(
      'unwritable',
      `the checkpoint ${uri} cannot be written (${why.trim().slice(0, 200)}): make the bucket and grant the producer roles/storage.objectUser on it, with: gcloud storage buckets add-iam-policy-binding ${uri.split('/').slice(0, 3).join('/')} --member=serviceAccount:SERVICE_ACCOUNT --role=roles/storage.objectUser. What was published since is published again, which does no harm`,
    );
  }
}

function busyError(uri: string): ProducerError {
  return new ProducerError(
    'busy',
    `another producer works on ${uri}: end it first, or give this one a checkpoint of its own with CHECKPOINT`,
  );
}
