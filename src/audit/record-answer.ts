/** Tells the access audit of each request for an operation that needs a key, before its answer leaves. */
import type { DisclosedStretch, Disclosure } from '../contract/disclosure.js';
import { isStream, type Reply } from '../http/reply.js';
import type { Exchange } from '../http/request.js';
import type { Problem } from '../problem.js';
import type { AccessEvent, EventPlace, Outcome } from './access-event.js';

/** What http asks of the audit. */
export interface Audit {
  /** @throws Problem 503 when the event cannot be kept, and has to be */
  record(event: AccessEvent): Promise<EventPlace>;
}

/**
 * @returns the reply, which tells of its end by itself where it streams
 * @throws Problem 503 when the event cannot be kept, and has to be
 */
export async function recordAnswer(audit: Audit, exchange: Exchange, reply: Reply): Promise<Reply> {
  const { disclosed, status, body } = reply;
  if (disclosed === undefined) {
    throw new Error(`${exchange.operationId ?? ''} does not say what its answer discloses`);
  }
  const { collection, epoch } = disclosed;
  const facts = { ...factsOf(exchange), status, collection, epoch };
  const isGone = exchange.response.destroyed;
  if (isGone || exchange.method === 'HEAD') {
    await audit.record({ ...facts, outcome: isGone ? 'left' : 'answered', records: 0 });
    return reply;
  }
  if (disclosed.kind !== 'stream' || !isStream(body)) {
    await audit.record({ ...facts, outcome: 'answered', ...toldOf(disclosed) });
    return reply;
  }
  const begun = await audit.record({ ...facts, outcome: 'begun', ...toldOf(disclosed) });
  const close = async (outcome: Outcome) => {
    const { records, stretches } = disclosed.given();
    await audit.record({ ...facts, outcome, begun, records, stretches: stretches.map(tuple) });
  };
  return { ...reply, body: closing(body, close) };
}

/** A refusal discloses nothing, so it is given also where it cannot be told. */
export async function recordRefusal(
  audit: Audit,
  exchange: Exchange,
  { status, slug }: Problem,
): Promise<void> {
  if (exchange.scheme === undefined || slug === 'audit-unavailable') return;
  const facts = { ...factsOf(exchange), status, refusal: slug, outcome: 'refused' } as const;
  const kept = audit.record(facts).catch(() => undefined);
  // Where the service is at fault, the audit's own store may be what does not answer.
  if (status < 500) await kept;
}

function factsOf(exchange: Exchange) {
  const { requestId, method, operationId, scheme, consumer, keyVersion, client, asked } = exchange;
  return { requestId, method, operation: operationId, scheme, consumer, keyVersion, client, asked };
}

function toldOf(disclosed: Disclosure): Partial<AccessEvent> {
  switch (disclosed.kind) {
    case 'page':
      return { records: disclosed.records, stretches: [tuple(disclosed.stretch)] };
    case 'records': {
      const { positions, filter } = disclosed;
      return { records: positions.length, positions, filter };
    }
    case 'stream':
      return { stretches: [tuple(disclosed.stretch)] };
    case 'digest': {
      const { digested, stretch } = disclosed;
      return { records: 0, digested, stretches: [tuple(stretch)] };
    }
    case 'nothing':
      return { records: 0 };
  }
}

function tuple({ after, through, seen }: DisclosedStretch) {
  return [after, through, seen] as const;
}

async function* closing(
  chunks: AsyncIterable<Buffer>,
  close: (outcome: Outcome) => Promise<void>,
): AsyncGenerator<Buffer> {
  let isWhole = false;
  try {
    yield* chunks;
    isWhole = true;
  } finally {
    await close(isWhole ? 'ended' : 'broken');
  }
}
