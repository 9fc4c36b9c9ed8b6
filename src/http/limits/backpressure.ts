/** Connections that were refused for overload are read again a few at a time: a flood's refusals leave the processor to answers. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface RefusedReaders {
  /** What its connection sends next may have to wait, up to a second, as it was told to by Retry-After. */
  holdBack(response: ServerResponse): void;
}

const tickMs = 2;
/** A thousand a second, which cost a tenth of a processor. */
const readATick = 2;
/** Whoever was held back is read again within so many ticks. */
const mostTicks = 1_000 / tickMs;

/** @param hasRoom whether there is work to be had, for which more are read */
export function createRefusedReaders(hasRoom: () => boolean): RefusedReaders {
  const held: Socket[] = [];
  let left = readATick;
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    const most = hasRoom()
      ? 2 * readATick
      : Math.max(readATick, Math.ceil(held.length / mostTicks));
    const next = held.splice(0, most);
    for (const socket of next) socket.resume();
    left = most - next.length;
    timer = undefined;
    if (next.length > 0) goOn();
  };
  const goOn = () => {
    timer ??= setTimeout(tick, tickMs);
  };
  return {
    holdBack: ({ socket }) => {
      if (socket === null) return;
      goOn();
      if (left > 0) {
        left -= 1;
        return;
      }
      // With a listener the socket is read as a stream, which can be paused; Node's parser alone would read on.
      if (!socket.listeners('data').includes(nothing)) socket.on('data', nothing);
      // Once the answer is written Node reads on by itself, within this turn.
      setImmediate(() => {
        socket.pause();
        held.push(socket);
        goOn();
      });
    },
  };
}

const nothing = () => undefined;
