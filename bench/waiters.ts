/** Readers that wait, each on a connection of its own, which note when their answer has come whole. */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  /** When its last byte was there. */
  readonly atMs: number;
  readonly head: string;
  readonly body: string;
}

export interface Waiters {
  /** @returns their answers, all of status 200 */
  ask(path: string, headers: Readonly<Record<string, string>>): readonly Promise<Answer>[];
  close(): void;
}

/** So many are opened at once as fit into the queue of a port. */
const openedAtOnce = 100;

export async function openWaiters(origin: string, count: number): Promise<Waiters> {
  const { hostname, port } = new URL(origin);
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(openedAtOnce, count - sockets.length) }, () =>
      connect(Number(port), hostname).setNoDelay(),
    );
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    sockets.push(...some);
    await delay(10);
  }
  return {
    ask: (path, headers) => {
      const lines = Object.entries({ host: 'bench', ...headers }).map((pair) => pair.join(': '));
      const request = `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
      return sockets.map((socket) => exchange(socket, request));
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function exchange(socket: Socket, request: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (outcome: () => void) => {
      socket.removeAllListeners();
      // What comes after its answer is nobody's.
      socket.on('error', () => undefined);
      outcome();
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (end < 4 || text.length < end + length) return;
      const answer = { atMs: performance.now(), head: text.slice(0, end), body: text.slice(end) };
      settle(() => {
        if (text.startsWith('HTTP/1.1 200 ')) resolve(answer);
        else reject(new Error(text));
      });
    });
    socket.on('close', () => {
      settle(() => {
        reject(new Error('the connection closed before the answer'));
      });
    });
    socket.write(request);
  });
}
