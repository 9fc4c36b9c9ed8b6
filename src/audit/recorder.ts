/**
 * Records what was accessed before the answer leaves.
 *
 * Every answer waits for its event to be on disk, so events are written in groups: what comes while a write is under way
 * goes into the next one, up to a thousand at a time. A group becomes the next links of this process's chain. When a
 * write fails nobody knows whether it took place, so the chain is abandoned and a new one begins; the anchor of the old
 * head stays valid. Requests of a failed group are refused where the audit is required, and answered otherwise.
 */
import { setImmediate } from 'node:timers/promises';
import type { Log } from '../log.js';
import { problems } from '../problem.js';
import { type AccessEvent, type Chain, type EventPlace, type Link, createChain } from './chain.js';

export interface Audit {
  /**
   * Resolves to the event's place once it is kept.
   * @throws Problem 503 when it cannot be kept, and has to be
   */
  record(event: AccessEvent): Promise<EventPlace>;
  /** Writes what is still waiting. */
  close(): Promise<void>;
}

/** Where links are kept; they are there once the promise resolves. */
export interface LinkWriter {
  write(links: readonly Link[]): Promise<void>;
}

/** Where heads of chains are kept, out of reach of who could change the chain. */
export interface AnchorScheduler {
  /** A link was kept; the keeper decides whether its head is due. */
  advanced(chain: Chain): void;
  /** Keeps the last head. */
  close(): Promise<void>;
}

export interface AuditOptions {
  readonly writers: readonly LinkWriter[];
  readonly anchorScheduler: AnchorScheduler | undefined;
  /** Whether a request fails whose event cannot be kept. */
  readonly required: boolean;
  readonly log: Log;
  readonly now: () => number;
}

interface Pending {
  readonly event: AccessEvent;
  readonly kept: (place: EventPlace) => void;
  readonly failed: (error: unknown) => void;
}

const maxGroupSize = 1_000;

export function createAudit(options: AuditOptions): Audit {
  const write = groupWriter(options);
  let pending: Pending[] = [];
  let writing: Promise<void> | undefined;
  const writeAll = async () => {
    // What else comes in this turn of the event loop goes along.
    await setImmediate();
    while (pending.length > 0) {
      const group = pending.slice(0, maxGroupSize);
      pending = pending.slice(maxGroupSize);
      await write(group);
    }
    writing = undefined;
  };
  return {
    record: (event) =>
      new Promise((kept, failed) => {
        pending.push({ event, kept, failed });
        writing ??= writeAll();
      }),
    close: async () => {
      while (writing !== undefined) await writing;
      await options.anchorScheduler?.close();
    },
  };
}

/** Writes the events of a group as the next links of this writer's chain, and resolves their calls. */
function groupWriter({ writers, anchorScheduler, required, log, now }: AuditOptions) {
  let chain = createChain();
  let lastMs = 0;
  return async (group: readonly Pending[]): Promise<void> => {
    // Never backwards, so that what is dropped with a month is the beginning of a chain.
    lastMs = Math.max(lastMs, now());
    const events = group.map(({ event }) => event);
    const links = chain.extend(events, new Date(lastMs).toISOString());
    try {
      await Promise.all(writers.map((writer) => writer.write(links)));
      chain.advance(links);
      anchorScheduler?.advanced(chain);
    } catch (error) {
      log.error({ error, events: links.length, required }, 'the access audit cannot be written');
      // Whether they were kept is not known: what comes now does not follow them.
      chain = createChain();
      if (required) {
        for (const { failed } of group) failed(problems.auditUnavailable({ cause: error }));
        return;
      }
    }
    group.forEach(({ kept }, index) => {
      const { chain: id = '', seq = 0 } = links[index] ?? {};
      kept([id, seq]);
    });
  };
}

/** Straight to the output: no level of the service's log silences the audit, and none of its redaction takes ids away. */
export function createStdoutWriter(output: NodeJS.WritableStream): LinkWriter {
  return {
    write: (links) =>
      new Promise((resolve, reject) => {
        output.write(links.map(lineOf).join(''), (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}

function lineOf({ at, event, hash }: Link): string {
  return `{"severity":"INFO","timestamp":"${at}","message":"access","hash":"${hash}","audit":${event},"logging.googleapis.com/labels":{"log":"audit"}}\n`;
}
