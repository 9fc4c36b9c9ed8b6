/** Who may write a checkpoint in a bucket: one producer at a time, and another when that one ended without a word. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import {
  openBucketCheckpoints,
  peekBucketCheckpoint,
} from '../../src/producer/bucket-checkpoints.js';
import { type Folder, makeFolder, programs } from '../commands/processes.js';
import { type BucketServer, startBucket } from '../support/bucket/server.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';
import { createSink } from '../support/sink/sink.js';

/** A hold lapses after a second here, and not after half a minute. */
const timing = { leaseMs: 1_000, writeEveryMs: 100 };
const collections = readContract().collections.map(({ name }) => name);
const checkpoint = {
  service: 'https://api.hospital.example',
  feeds: { patients: { epoch: 'e', cursor: 'c', publishedThrough: '2026-01-05T08:00:00.000001Z' } },
};

let bucket: BucketServer;
beforeAll(async () => {
  bucket = await startBucket();
  vi.stubEnv('STORAGE_EMULATOR_HOST', bucket.url);
});
afterAll(() => {
  vi.unstubAllEnvs();
  bucket.close();
});
beforeEach(() => {
  bucket.objects.clear();
});

const patience = { timeout: 20_000 };
const uri = 'gs://producer/checkpoint.json';
const stored = () => {
  const { content = '{}' } = bucket.objects.get('producer/checkpoint.json') ?? {};
  return JSON.parse(content) as { readonly owner?: string };
};
/** As a producer leaves it that is killed. */
const leave = (text: object) => {
  const content = JSON.stringify({ format: 1, owner: 'who-was-killed', ...text });
  bucket.objects.set('producer/checkpoint.json', { content, generation: 1 });
};
const openAtOnce = async (times: number) => {
  const opening = Array.from({ length: times }, () => openBucketCheckpoints(uri, timing));
  const opened = await Promise.allSettled(opening);
  const taken = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const refused = opened.flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  return { taken, refused };
};
const isBusy = expect.objectContaining({ kind: 'busy' }) as unknown;

describe('openBucketCheckpoints', () => {
  it('gives an object that is new to exactly one of those who ask at the same time', async () => {
    const { taken, refused } = await openAtOnce(6);
    expect(refused).toEqual(Array(5).fill(isBusy));
    await taken[0]?.save(checkpoint);
    await taken[0]?.close();
    expect(stored()).toEqual({ format: 1, ...checkpoint });
  });

  it('gives an object whose holder was killed to exactly one of them, when the hold lapsed', async () => {
    leave(checkpoint);
    const startedMs = performance.now();
    const { taken, refused } = await openAtOnce(3);
    expect(performance.now() - startedMs).toBeGreaterThan(timing.leaseMs);
    expect(refused).toEqual([isBusy, isBusy]);
    expect(taken.map(({ saved }) => saved)).toMatchObject([checkpoint]);
    await taken[0]?.close();
  });

  it('has the name of whoever took it over, and no longer that of the dead', async () => {
    leave(checkpoint);
    const next = await openBucketCheckpoints(uri, timing);
    expect(stored().owner).toBeDefined();
    expect(stored().owner).not.toBe('who-was-killed');
    await next.close();
    expect(stored()).toEqual({ format: 1, ...checkpoint });
  });

  it('leaves a holder that has nothing to save what it holds', async () => {
    const holder = await openBucketCheckpoints(uri, timing);
    await expect(openBucketCheckpoints(uri, timing)).rejects.toEqual(isBusy);
    await holder.save(checkpoint);
    await holder.close();
    expect(await peekBucketCheckpoint(uri)).toMatchObject(checkpoint);
  });

  it('gives at once what was released, and nothing of a holder that saved nothing', async () => {
    const holder = await openBucketCheckpoints(uri, timing);
    expect(stored().owner).toBeDefined();
    await holder.close();
    expect(stored()).not.toHaveProperty('owner');
    // Longer than a test may last: nobody waits for it.
    const next = await openBucketCheckpoints(uri, { ...timing, leaseMs: 60_000 });
    expect(next.saved).toBeUndefined();
    await next.close();
  });

  it('refuses what a holder saves after another took its place', async () => {
    const holder = await openBucketCheckpoints(uri, timing);
    leave({ service: 'https://other.example', feeds: {} });
    const save = () => holder.save(checkpoint).catch((error: unknown) => error);
    await expect.poll(save).toEqual(isBusy);
    await holder.close().catch(() => undefined);
    expect(stored()).toMatchObject({ owner: 'who-was-killed', service: 'https://other.example' });
  });
});

describe('produce', { timeout: 60_000 }, () => {
  let service: TestService;
  let pubsub: PubSubServer;
  let folder: Folder;
  beforeAll(async () => {
    service = await startService();
    pubsub = await startPubSub();
    folder = await makeFolder();
    createSink({ broker: pubsub.broker, project: 'hospital', collections });
    await service.write('patients', [patient('1')]);
  });
  afterAll(async () => {
    await folder.remove();
    pubsub.stop();
    await service.close();
  });
  const start = () =>
    folder.run(programs.hospitalApi, ['produce', '--quiet'], {
      ...{ SERVICE_URL: service.url, API_KEYS_DIR: service.keysFolder, CHECKPOINT: uri },
      ...{ PUBSUB_PROJECT: 'hospital', PUBSUB_EMULATOR_HOST: pubsub.host },
      STORAGE_EMULATOR_HOST: bucket.url,
    });

  const publishedThrough = async () =>
    (await peekBucketCheckpoint(uri))?.feeds.patients?.publishedThrough;

  it('goes on, when the hold of one that was killed has lapsed, behind what that one saved', async () => {
    const { process: child, ended } = start();
    await expect.poll(publishedThrough, patience).toMatch(/^2/);
    const through = await publishedThrough();
    child.kill('SIGKILL');
    await ended;
    expect(stored().owner).toBeDefined();
    const next = await openBucketCheckpoints(uri, timing);
    expect(next.saved?.feeds.patients?.publishedThrough).toBe(through);
    await next.close();
  });

  it('75 for one that stood still until another took its place', async () => {
    const { process: child, ended } = start();
    await expect.poll(publishedThrough, patience).toMatch(/^2/);
    child.kill('SIGSTOP');
    const other = await openBucketCheckpoints(uri, timing);
    await other.save(checkpoint);
    child.kill('SIGCONT');
    await service.write('patients', [patient('2')]);
    const { status, stderr } = await ended;
    expect({ status, stderr }).toMatchObject({ status: 75 });
    expect(stderr).toContain(`another producer works on ${uri}`);
    await other.save(checkpoint);
    await other.close();
    expect(stored()).toMatchObject(checkpoint);
  });
});
