/** Reads secrets again and again, each by one call at a time, and holds what it read last for any number of readers. */
import { createConcurrencyLimiter } from '../concurrency-limiter.js';
import type { Log } from '../log.js';
import {
  digestOf,
  errorOfKey,
  type HeldKeys,
  isLate,
  type KeyReader,
  type KeyState,
  mayReadEarly,
} from './key-ring.js';
import { SecretError, type SecretKey, type SecretSource } from './secrets/secret-source.js';

export interface KeyRefresher extends KeyReader {
  stateOf(secretId: string): KeyState | undefined;
  /** Reads at once, or joins the reading that is under way. */
  refresh(secretId: string): Promise<void>;
  /** Reads once more after the reading that is under way, which may have begun before a change. */
  refreshAnew(secretId: string): Promise<void>;
  close(): Promise<void>;
}

export interface KeyRefresherOptions {
  readonly source: SecretSource;
  readonly secretIds: readonly string[];
  readonly refreshMs: number;
  readonly log: Log;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** After each reading, whatever it gave. */
  readonly onRead?: (secretId: string) => void;
}

type State = { -readonly [Fact in keyof KeyState]: KeyState[Fact] } & {
  inFlight?: Promise<void> | undefined;
  warnedAtMs: number;
  /** What was said of keys that are none, so that it is said once. */
  said: string;
};

const warnEveryMs = 60_000;
/** A secret that could not be read is tried again this soon. */
const retryMs = 10_000;
const tickMs = 250;
const maxCalls = 4;

export function createKeyRefresher(options: KeyRefresherOptions): KeyRefresher {
  const { source, secretIds, refreshMs, now } = options;
  const states = new Map(secretIds.map((secretId) => [secretId, newState()]));
  const calls = createConcurrencyLimiter({ atOnce: maxCalls });
  const refresh = async (secretId: string) => {
    const state = states.get(secretId);
    if (state !== undefined) {
      await (state.inFlight ??= calls.run(() => readOnce(secretId, state, options)));
    }
  };
  const stopTicking = startTicking(() => {
    for (const [secretId, { dueAtMs }] of states) if (now() >= dueAtMs) void refresh(secretId);
  });
  return {
    held: (secretId) => states.get(secretId)?.held,
    stateOf: (secretId) => states.get(secretId),
    refresh,
    refreshAnew: async (secretId) => {
      await states.get(secretId)?.inFlight;
      await refresh(secretId);
    },
    refreshEarly: async (secretId) => {
      const state = states.get(secretId);
      if (state === undefined) return;
      if (state.inFlight === undefined && !mayReadEarly(state, now())) return;
      state.earlyAtMs = now();
      await refresh(secretId);
    },
    catchUp: (ids) => {
      const late = ids.filter((secretId) => isLate(states.get(secretId), now(), refreshMs));
      return late.length === 0 ? undefined : Promise.all(late.map(refresh)).then(() => undefined);
    },
    close: async () => {
      stopTicking();
      await source.close?.();
    },
  };
}

async function readOnce(secretId: string, state: State, options: KeyRefresherOptions) {
  const { refreshMs, now, random = Math.random } = options;
  const readable = await read(secretId, state, options);
  // A little sooner than asked for, so that many instances do not call at once and none is ever late.
  const nextMs = (readable ? refreshMs : Math.min(refreshMs, retryMs)) * (0.8 + 0.2 * random());
  state.dueAtMs = now() + nextMs;
  state.inFlight = undefined;
  options.onRead?.(secretId);
}

function startTicking(tick: () => void): () => void {
  const timer = setInterval(tick, tickMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

function newState(): State {
  return { dueAtMs: Infinity, earlyAtMs: -Infinity, warnedAtMs: -Infinity, said: '' };
}

/** @returns whether the source gave an answer */
async function read(
  secretId: string,
  state: State,
  options: KeyRefresherOptions,
): Promise<boolean> {
  const { source, now } = options;
  try {
    const keys = await source.read(secretId);
    state.error = undefined;
    state.held = { keys: usable(keys, secretId, state, options), readAtMs: now() };
    return true;
  } catch (error) {
    const fault = error instanceof SecretError ? error : unknownError(error);
    state.error = fault;
    // That a secret is no more is an answer: its keys end with it.
    if (fault.kind === 'absent') state.held = { keys: [], readAtMs: now() };
    warn(state, fault, options);
    return fault.kind === 'absent';
  }
}

function unknownError(error: unknown): SecretError {
  const words = error instanceof Error ? error.message : String(error);
  return new SecretError('unreachable', `the keys could not be read: ${words}`);
}

function usable(
  keys: readonly SecretKey[],
  secretId: string,
  state: State,
  { log, source }: KeyRefresherOptions,
): HeldKeys['keys'] {
  const faults = keys.flatMap(({ value, version }) => {
    const fault = errorOfKey(value);
    return fault === undefined ? [] : [`version ${version} of ${secretId} ${fault}`];
  });
  if (keys.length === 0) faults.push(`no version of ${secretId} is enabled`);
  const said = faults.join('; ');
  if (said !== '' && said !== state.said) {
    log.warn(
      { secret: secretId },
      `${said}: it opens nothing; add a key, with: ${source.remedy?.(secretId) ?? ''}`,
    );
  }
  state.said = said;
  return keys
    .filter(({ value }) => errorOfKey(value) === undefined)
    .map(({ value, version }) => ({ digest: digestOf(value), version }));
}

function warn(state: State, fault: SecretError, { log, now }: KeyRefresherOptions): void {
  if (now() - state.warnedAtMs < warnEveryMs) return;
  state.warnedAtMs = now();
  const keysKnown = state.held?.keys.length ?? 0;
  const readAt = state.held && new Date(state.held.readAtMs).toISOString();
  log.warn({ fault: fault.kind, keysKnown, readAt }, fault.message);
}
