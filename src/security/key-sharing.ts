/** One process reads the keys for all workers of a service: who reads tells the others, and they ask it. */
import { EventEmitter, once } from 'node:events';
import type { KeyRefresher } from './key-refresher.js';
import { type HeldKeys, type KeyReader, type KeyState, isLate, mayReadEarly } from './key-ring.js';

/** The end of a line between two processes: `process` in a worker, `Worker` of node:cluster in its primary. */
export interface KeyChannel {
  send?(message: object, done: () => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/** Digests as hexadecimal text: channels carry JSON. */
interface ToldState {
  readonly held?: {
    readonly keys: readonly { readonly digest: string; readonly version: string }[];
    readonly readAtMs: number;
  };
  /** Nothing where it is infinite, which JSON cannot say. */
  readonly dueAtMs?: number;
  readonly earlyAtMs?: number;
}

type KeyRequest = 'state' | 'early' | 'late';

type Message =
  | { readonly keys: 'wish' | 'granted'; readonly wish: KeyRequest; readonly secretId: string }
  | { readonly keys: 'state'; readonly secretId: string; readonly state: ToldState };

export interface KeySharing {
  /** Gives the worker at the other end what is known, now and after each reading. */
  readonly share: (channel: KeyChannel) => void;
  /** Tells all workers what is known of the secret. */
  readonly tell: (secretId: string) => void;
}

export function createKeySharing(reader: () => KeyRefresher): KeySharing {
  const channels = new Set<KeyChannel>();
  const tellTo = (channel: KeyChannel, secretId: string) => {
    const state = reader().stateOf(secretId);
    if (state !== undefined) post(channel, { keys: 'state', secretId, state: told(state) });
  };
  const grant = async (channel: KeyChannel, wish: KeyRequest, secretId: string) => {
    if (wish === 'early') await reader().refreshEarly(secretId);
    if (wish === 'late') await reader().catchUp([secretId]);
    tellTo(channel, secretId);
    post(channel, { keys: 'granted', wish, secretId });
  };
  return {
    share: (channel) => {
      channels.add(channel);
      channel.on('message', (message) => {
        if (!isOfKeys(message) || message.keys !== 'wish') return;
        void grant(channel, message.wish, message.secretId);
      });
      channel.on('disconnect', () => channels.delete(channel));
    },
    tell: (secretId) => {
      for (const channel of channels) tellTo(channel, secretId);
    },
  };
}

export interface SharedKeysOptions {
  readonly channel: KeyChannel;
  readonly secretIds: readonly string[];
  readonly refreshMs: number;
  readonly now: () => number;
}

/** A worker's side: resolves once it knows what the process that reads knows. */
export async function readSharedKeys(options: SharedKeysOptions): Promise<KeyReader> {
  const { channel, secretIds, refreshMs, now } = options;
  const states = new Map<string, KeyState>();
  channel.on('message', (message) => {
    if (!isOfKeys(message) || message.keys !== 'state') return;
    states.set(message.secretId, stateOf(message.state));
  });
  const wishes = createWishes(channel);
  await Promise.all(secretIds.map((secretId) => wishes.ask('state', secretId)));
  return {
    held: (secretId) => states.get(secretId)?.held,
    refreshEarly: async (secretId) => {
      const state = states.get(secretId);
      if (state === undefined) return;
      if (wishes.isAsked('early', secretId) || mayReadEarly(state, now())) {
        await wishes.ask('early', secretId);
      }
    },
    catchUp: (ids) => {
      const late = ids.filter((secretId) => isLate(states.get(secretId), now(), refreshMs));
      if (late.length === 0) return undefined;
      return Promise.all(late.map((id) => wishes.ask('late', id))).then(() => undefined);
    },
  };
}

/** Whoever wishes what was asked already waits for the same answer. */
function createWishes(channel: KeyChannel) {
  const waiting = new Map<string, Promise<unknown>>();
  const answers = new EventEmitter();
  const idOf = (wish: KeyRequest, secretId: string) => `${wish} ${secretId}`;
  const end = (id: string) => {
    waiting.delete(id);
    answers.emit(id);
  };
  channel.on('message', (message) => {
    if (isOfKeys(message) && message.keys === 'granted') {
      end(idOf(message.wish, message.secretId));
    }
  });
  // Nobody is left to answer: what is known goes on until it is too old.
  channel.on('disconnect', () => {
    for (const id of [...waiting.keys()]) end(id);
  });
  return {
    isAsked: (wish: KeyRequest, secretId: string) => waiting.has(idOf(wish, secretId)),
    ask: async (wish: KeyRequest, secretId: string): Promise<void> => {
      const id = idOf(wish, secretId);
      const answer = waiting.get(id) ?? once(answers, id);
      if (!waiting.has(id)) post(channel, { keys: 'wish', wish, secretId });
      waiting.set(id, answer);
      await answer;
    },
  };
}

function post(channel: KeyChannel, message: Message): void {
  // Who is gone asks again when it is back: a message that cannot be delivered is no fault.
  channel.send?.(message, () => undefined);
}

function isOfKeys(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'keys' in message;
}

function told({ held, dueAtMs, earlyAtMs }: KeyState): ToldState {
  return {
    ...(held && { held: { ...held, keys: held.keys.map(toText) } }),
    ...(Number.isFinite(dueAtMs) && { dueAtMs }),
    ...(Number.isFinite(earlyAtMs) && { earlyAtMs }),
  };
}

function toText({ digest, version }: HeldKeys['keys'][number]) {
  return { digest: digest.toString('hex'), version };
}

function stateOf({ held, dueAtMs = Infinity, earlyAtMs = -Infinity }: ToldState): KeyState {
  const keys = held?.keys.map(({ digest, version }) => ({
    digest: Buffer.from(digest, 'hex'),
    version,
  }));
  return { held: held && { keys: keys ?? [], readAtMs: held.readAtMs }, dueAtMs, earlyAtMs };
}
