/**
 * Reads the connections of refused clients again a few at a time.
 *
 * A client that ignores Retry-After sends its next request as soon as it was refused. Reading and refusing a flood of
 * those takes more of the processor than the answers, so a connection that was refused is paused and joins a queue,
 * from which a thousand a second are resumed: about a tenth of a processor. Twice as many are resumed while there is
 * room for work, and more when the queue is so long that somebody would wait for over a second.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Backpressure {
  /** The next request of the response's connection may have to wait up to a second, as Retry-After says. */
  holdBack(response: ServerResponse): void;
}

const tickMs = 2;
const resumedPerTick = 2;
/** Whoever is paused is resumed within so many ticks. */
const mostTicks = 1_000 / tickMs;

/** @param hasRoom whether more work could be done */
export function createBackpressure(hasRoom: () => boolean): Backpressure {
  const paused: Socket[] = [];
  let left = resumedPerTick;
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    const most = hasRoom()
      ? 2 * resumedPerTick
      : Math.max(resumedPerTick, Math.ceil(paused.length / mostTicks));
    const next = paused.splice(0, most);
    for (const socket of next) socket.resume();
    left = most - next.length;
    timer = undefined;
    if (next.length > 0) scheduleTick();
  };
  const scheduleTick = () => {
    timer ??= setTimeout(tick, tickMs);
  };
  return {
    holdBack: ({ socket }) => {
      if (socket === null) return;
      scheduleTick();
      if (left > 0) {
        left -= 1;
        return;
      }
      // With a listener the socket is read as a stream, which can be paused; Node's parser alone would read on.
      if (!socket.listeners('data').includes(ignore)) socket.on('data', ignore);
      // Once the answer is written Node reads on by itself, within this turn of the event loop.
      setImmediate(() => {
        socket.pause();
        paused.push(socket);
        scheduleTick();
      });
    },
  };
}

const ignore = () => undefined;
