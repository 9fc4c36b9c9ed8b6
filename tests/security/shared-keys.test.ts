/** Two workers of one service, whose keys a third process reads for both. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type KeyOwner, openKeyOwner } from '../../src/security/key-owner.js';
import type { KeyChannel } from '../../src/security/key-sharing.js';
import { addKey, googleKeys, nameOf } from '../support/google-keys.js';
import { type SecretManager, startSecretManager } from '../support/secret-manager/server.js';
import { type TestService, keyRing, keys, silent, startService } from '../support/service.js';

const right = keys.patients ?? '';
const next = 'the-next-one-0123456789';
const rules = { ...keyRing, maxAgeMs: 15 * 60_000 };
let nowMs: number;
let manager: SecretManager;
let owner: KeyOwner;
let channels: EventEmitter[];
let workers: readonly TestService[];

beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T00:00:00Z');
  channels = [];
  manager = await startSecretManager();
  for (const [name, key] of Object.entries(keys)) addKey(manager, `${name}_api_key`, key);
  const config = googleKeys(manager.host);
  const common = { config, rules, contract: readContract(), log: silent, now: () => nowMs };
  owner = await openKeyOwner(common);
  workers = await Promise.all([startWorker(), startWorker()]);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await owner.close();
  manager.stop();
});

/** Its folder of keys stays unread: it knows what the owner tells it. */
function startWorker(): Promise<TestService> {
  const [ownersEnd, workersEnd] = createChannel();
  owner.share(ownersEnd);
  return startService({ config: { keyRing: rules }, keyChannel: workersEnd, now: () => nowMs });
}

/** Carries what the channel between a primary process and its worker does: JSON, a little later. */
function createChannel(): readonly [KeyChannel, KeyChannel] {
  const [one, other] = [new EventEmitter(), new EventEmitter()];
  channels.push(one, other);
  const endOf = (own: EventEmitter, far: EventEmitter): KeyChannel => ({
    send: (message) => {
      const text = JSON.stringify(message);
      setImmediate(() => far.emit('message', JSON.parse(text)));
    },
    on: (event: string, listener: (message: unknown) => void) => own.on(event, listener),
  });
  return [endOf(one, other), endOf(other, one)];
}

const statusesOf = (key: string) =>
  Promise.all(workers.map(async ({ fetch }) => (await fetch('/patients', { key })).status));

describe('workers of one service', () => {
  it('200 in each with the keys that one process read, once for both', async () => {
    expect(await statusesOf(right)).toEqual([200, 200]);
    expect(
      manager.accesses.filter((name) => name === `${nameOf('patients_api_key')}/versions/1`),
    ).toHaveLength(1);
  });

  it('200 at once in each with a key that was added a moment ago, by one reading', async () => {
    addKey(manager, 'patients_api_key', next);
    const asked = manager.accesses.length;
    expect(await statusesOf(next)).toEqual([200, 200]);
    const steps = manager.accesses.length - asked;
    expect(await statusesOf('wrong-key-0123456789')).toEqual([401, 401]);
    expect(steps).toBeGreaterThan(0);
    expect(manager.accesses.length - asked).toBe(steps);
  });

  it('a rotation costs as many readings as in one process alone', async () => {
    const other = await startSecretManager();
    for (const [name, key] of Object.entries(keys)) addKey(other, `${name}_api_key`, key);
    const config = { keyRing: rules, keys: googleKeys(other.host) };
    let aloneMs = nowMs;
    const alone = await startService({ config, now: () => aloneMs });
    const rotate = async (at: SecretManager, services: readonly TestService[]) => {
      const before = at.accesses.length;
      const ask = async (key: string) => {
        const asked = services.map(({ fetch }) => fetch('/patients', { key }));
        return (await Promise.all(asked)).map(({ status }) => status);
      };
      addKey(at, 'patients_api_key', next);
      expect(new Set(await ask(next))).toEqual(new Set([200]));
      at.secrets.setState(`${nameOf('patients_api_key')}/versions/1`, 'DISABLED');
      if (at === other) aloneMs += 180_000;
      else nowMs += 180_000;
      expect(new Set(await ask(right))).toEqual(new Set([401]));
      // A timer reads the other secrets, which are due as well: before this moment or after it.
      const rotated = `${nameOf('patients_api_key')}/`;
      return at.accesses.slice(before).filter((name) => name.startsWith(rotated));
    };
    const byOne = await rotate(other, [alone]);
    const byAll = await rotate(manager, workers);
    await alone.close();
    other.stop();
    expect(byOne.length).toBeGreaterThan(0);
    expect(byAll).toEqual(byOne);
  });

  it('401 in each, at once, after a time without a processor in which the key was disabled', async () => {
    addKey(manager, 'patients_api_key', next);
    manager.secrets.setState(`${nameOf('patients_api_key')}/versions/1`, 'DISABLED');
    nowMs += 180_000;
    expect(await statusesOf(right)).toEqual([401, 401]);
    expect(await statusesOf(next)).toEqual([200, 200]);
  });

  it('503 in each past the maximum age, also where nobody is left to answer, and never 401', async () => {
    manager.stop();
    nowMs += 600_000;
    expect(await statusesOf(right)).toEqual([200, 200]);
    for (const channel of channels) channel.emit('disconnect');
    nowMs += 360_000;
    expect(await statusesOf(right)).toEqual([503, 503]);
  });
});
