/** Gives an operation's reply: told to the audit before it leaves, and bounded where it streams. */
import { type Audit, recordAnswer } from './audit.js';
import type { Exchange } from './exchange.js';
import type { Exports } from './exports.js';
import { type Reply, isStream, writeReply } from './reply.js';

export interface AnswerOptions {
  /** Of an operation that needs a key. */
  readonly audit: Audit | undefined;
  /** Without it they are not bounded. */
  readonly exports: Exports | undefined;
}

export async function giveAnswer(
  exchange: Exchange,
  reply: Reply,
  { audit, exports }: AnswerOptions,
): Promise<void> {
  const give = async (ends?: AbortSignal) => {
    const told = audit === undefined ? reply : await recordAnswer(audit, exchange, reply);
    await writeReply(exchange, told, ends);
  };
  // Before the audit is told: what is refused for want of room discloses nothing.
  await (isStream(reply.body) && exports ? exports.run(exchange.requestId, give) : give());
}
