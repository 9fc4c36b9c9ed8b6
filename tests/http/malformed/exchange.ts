/** One client that sends what it was told to, in its own connection, and keeps what it was answered. */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Malformed } from './requests.js';

export interface Answered {
  /** Of each answer, in their order; only those that came. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** Bytes of an endless request that the server took before it had enough. */
  readonly taken: number;
  /** Whether the server ended the connection by itself. */
  readonly closed: boolean;
}

/** The rest of a request that is not whole is awaited by the server much longer. */
const patienceMs = 500;
/** After an answer; another may follow it. */
const quietMs = 40;
const endlessWithinMs = 10_000;
/** Far above any limit of the server. */
const endlessBytes = 8_000_000;

export async function exchange(port: number, sent: Malformed): Promise<Answered> {
  const socket = connect(port, '127.0.0.1');
  const kept = keep(socket);
  await Promise.race([once(socket, 'connect'), kept.ended]);
  const last = sent.parts.at(-1) ?? Buffer.of();
  for (const part of sent.endless ? sent.parts.slice(0, -1) : sent.parts) {
    await write(socket, part, kept.ended);
  }
  let taken = 0;
  if (sent.endless) taken = await pour(socket, last, kept.ended);
  end(socket, sent);
  const closed = await settled(socket, sent, kept);
  const text = kept.text();
  return { statuses: statusesOf(text), text, taken, closed };
}

function keep(socket: Socket) {
  let text = '';
  let heardAtMs = performance.now();
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    heardAtMs = performance.now();
  });
  // A server that has had enough may reset the connection under what is still sent.
  socket.on('error', () => undefined);
  const ended = new Promise<true>((resolve) => {
    socket.on('end', () => {
      resolve(true);
    });
    socket.on('close', () => {
      resolve(true);
    });
  });
  return { text: () => text, heardAtMs: () => heardAtMs, ended };
}

async function write(socket: Socket, part: Buffer, ended: Promise<true>): Promise<void> {
  if (socket.destroyed || !socket.writable) return;
  if (!socket.write(part)) await Promise.race([once(socket, 'drain').catch(() => true), ended]);
}

async function pour(socket: Socket, unit: Buffer, ended: Promise<true>): Promise<number> {
  const part = Buffer.concat(Array.from({ length: Math.ceil(4_000 / unit.length) }, () => unit));
  const untilMs = performance.now() + endlessWithinMs;
  while (!socket.destroyed && socket.writable && socket.bytesWritten < endlessBytes) {
    if (performance.now() > untilMs) break;
    await write(socket, part, ended);
    await Promise.race([delay(1), ended]);
    if (await Promise.race([ended, Promise.resolve(false)])) break;
  }
  return socket.bytesWritten;
}

function end(socket: Socket, { ending }: Malformed): void {
  if (ending === 'half-closes') socket.end();
  else if (ending === 'resets') socket.resetAndDestroy();
  else if (ending === 'leaves') socket.destroy();
}

type Kept = ReturnType<typeof keep>;

/** @returns whether the server ended it, rather than this client for want of an answer */
async function settled(socket: Socket, { ending }: Malformed, kept: Kept): Promise<boolean> {
  if (ending === 'resets' || ending === 'leaves') return false;
  for (;;) {
    const pauseMs = kept.text() === '' ? patienceMs : quietMs;
    const closed = await Promise.race([kept.ended, delay(pauseMs, false)]);
    if (closed || performance.now() - kept.heardAtMs() >= pauseMs) {
      socket.destroy();
      return closed;
    }
  }
}

function statusesOf(text: string): readonly number[] {
  return [...text.matchAll(/(?:^|\r\n\r\n[^]*?)HTTP\/1\.1 (\d{3}) /g)].map(([, status]) =>
    Number(status),
  );
}
