/** A keep-alive connection that speaks just enough HTTP/1.1 for loads: cheap, so that the service gets the processor. */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Whether it came to its end: all bytes of its length, or its last chunk. */
  readonly whole: boolean;
}

export interface RawConnection {
  readonly socket: Socket;
  /** One request at a time; an answer that broke off is not `whole`, and none at all has status 0. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
}

export async function openConnection(url: string): Promise<RawConnection> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let text = '';
  let settle: ((ended: boolean) => void) | undefined;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    settle?.(false);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => settle?.(true));
  return {
    socket,
    ask: (path, headers = {}) =>
      new Promise((resolve) => {
        text = '';
        settle = (ended) => {
          const answer = answerOf(text);
          if (!ended && answer?.whole !== true) return;
          settle = undefined;
          resolve(answer ?? { status: 0, head: '', body: '', whole: false });
        };
        if (socket.destroyed) {
          settle(true);
          return;
        }
        const lines = Object.entries({ host, ...headers }).map(
          ([name, value]) => `${name}: ${value}`,
        );
        socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      }),
  };
}

function answerOf(text: string): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const whole = length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
  return { status: Number(head.slice(9, 12)), head, body, whole };
}
