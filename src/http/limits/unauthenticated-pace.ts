/**
 * Bounds how fast those are answered who showed no valid key.
 *
 * Reading and refusing a flood, or answering its requests for health, takes the processor from clients with keys. So
 * an answer to somebody unknown leaves only in its turn: two thousand a second do, each a few tenths of a millisecond
 * of work at most. While there are fewer, each turn comes at once. A client that waits for its answers sends no faster
 * than they come, so that the flood's own requests are paced with them.
 */
import type { Socket } from 'node:net';
import { createConcurrencyLimiter } from '../../concurrency-limiter.js';

export interface UnauthenticatedPace {
  /** @returns whether the connection is still there to be answered */
  turn(socket: Socket | null): Promise<boolean>;
}

const atOnce = 4;
const turnMs = 2;
/** Requests that are sent before the answers to those in front; a connection with more is closed. */
const mostOfConnection = 32;

export function createUnauthenticatedPace(): UnauthenticatedPace {
  const limiter = createConcurrencyLimiter({ atOnce });
  const waiting = new WeakMap<Socket, number>();
  return {
    turn: async (socket) => {
      if (socket === null || !isOpen(socket)) return false;
      const ahead = waiting.get(socket) ?? 0;
      if (ahead === mostOfConnection) {
        socket.destroy();
        return false;
      }
      waiting.set(socket, ahead + 1);
      const end = await limiter.enter();
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
      const isThere = isOpen(socket);
      if (isThere) setTimeout(end, turnMs).unref();
      else end();
      return isThere;
    },
  };
}

function isOpen({ destroyed }: Socket): boolean {
  return !destroyed;
}
