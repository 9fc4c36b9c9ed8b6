/** Records each call of an operation that needs a key before its answer leaves, and of a stream also how it ended. */
import { type Disclosure, isStream } from '../contract/operations.js';
import type { AccessEvent, Outcome } from './chain.js';
import type { Audit } from './recorder.js';

type Call = Pick<
  AccessEvent,
  'requestId' | 'method' | 'operation' | 'scheme' | 'consumer' | 'keyVersion' | 'client' | 'asked'
>;

interface Answer {
  readonly status: number;
  readonly disclosed: Disclosure | undefined;
  readonly body: unknown;
  /** Whether none of the body is sent: `HEAD`, or the client has gone. */
  readonly isUnsent: false | 'head' | 'gone';
}

/** Refusals of a flood that are counted together. */
interface Aggregated {
  readonly refusal: string;
  readonly requests: number;
  readonly clients: readonly string[];
}

export function createAnswerAudit(audit: Pick<Audit, 'record'>) {
  return {
    /**
     * @returns the body to send; one that streams records its own end
     * @throws Problem 503 when the event cannot be kept, and has to be
     */
    recordAnswer: async (call: Call, answer: Answer): Promise<unknown> => {
      const { disclosed, status, body, isUnsent } = answer;
      if (disclosed === undefined) {
        throw new Error(`${call.operation ?? ''} does not say what its answer discloses`);
      }
      const { collection, epoch } = disclosed;
      const facts = { ...call, status, collection, epoch };
      if (isUnsent !== false) {
        const outcome = isUnsent === 'gone' ? 'left' : 'answered';
        await audit.record({ ...facts, outcome, records: 0 });
        return body;
      }
      if (disclosed.given === undefined || !isStream(body)) {
        await audit.record(toAuditEvent(facts, 'answered', disclosed));
        return body;
      }
      const { given } = disclosed;
      const begun = await audit.record(toAuditEvent(facts, 'begun', disclosed));
      return recordingEnd(body, async (outcome) => {
        await audit.record({ ...facts, outcome, begun, ...given() });
      });
    },
    /** A refusal discloses nothing, so it is sent even where it cannot be recorded. */
    recordRefusal: async (
      call: Call,
      { status, slug }: { readonly status: number; readonly slug: string },
    ): Promise<void> => {
      if (call.scheme === undefined || slug === 'audit-unavailable') return;
      const recorded = audit
        .record({ ...call, status, refusal: slug, outcome: 'refused' })
        .catch(() => undefined);
      // Where the service itself failed, the audit's own store may be what does not answer.
      if (status < 500) await recorded;
    },
    recordAggregated: (refusals: Aggregated): void => {
      audit.record({ outcome: 'refused', ...refusals }).catch(() => undefined);
    },
  };
}

function toAuditEvent(
  facts: Omit<AccessEvent, 'outcome'>,
  outcome: Outcome,
  { given: _, ...disclosed }: Disclosure,
): AccessEvent {
  return { ...facts, outcome, ...disclosed };
}

async function* recordingEnd(
  chunks: AsyncIterable<Buffer>,
  end: (outcome: Outcome) => Promise<void>,
): AsyncGenerator<Buffer> {
  let isWhole = false;
  try {
    yield* chunks;
    isWhole = true;
  } finally {
    await end(isWhole ? 'ended' : 'broken');
  }
}
