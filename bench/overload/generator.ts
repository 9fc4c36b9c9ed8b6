/** Requests at a rate that does not wait for answers, in a process of its own; it reads no more of an answer than it must. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface Flood {
  readonly perSecond: number;
  readonly seconds: number;
}

/** What became of them, by the client's side: none of it is a measure of time. */
export interface Flooded {
  readonly sent: number;
  /** Due, while every connection waited for an answer. */
  readonly held: number;
  /** Connections that ended under a request. */
  readonly cut: number;
}

export interface Target {
  readonly url: string;
  readonly path: string;
  readonly key: string;
  readonly connections: number;
}

export async function startGenerator(target: Target) {
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), JSON.stringify(target)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  await once(child, 'message');
  return {
    flood: async (flood: Flood): Promise<Flooded> => {
      child.send(flood);
      // The other side is below.
      return ((await once(child, 'message')) as [Flooded])[0];
    },
    end: () => child.kill(),
  };
}

const tickMs = 4;

class Connection {
  private socket: Socket | undefined;
  private awaited = 0;
  isBusy = false;
  constructor(
    private readonly target: Target,
    private readonly request: Buffer,
    private readonly whenCut: () => void,
  ) {}

  send(): void {
    this.isBusy = true;
    this.awaited = -1;
    if (this.socket?.writable !== true) this.socket = this.open();
    this.socket.write(this.request);
  }

  private open(): Socket {
    const { hostname, port } = new URL(this.target.url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.take(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket !== socket) return;
      if (this.isBusy) this.whenCut();
      this.isBusy = false;
      this.socket = undefined;
    });
    return socket;
  }

  private take(chunk: Buffer): void {
    if (this.awaited === -1) {
      const end = chunk.indexOf('\r\n\r\n');
      const head = chunk.toString('latin1', 0, end);
      this.awaited = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1]);
    }
    this.awaited -= chunk.length;
    if (this.awaited <= 0) this.isBusy = false;
  }
}

function generate(target: Target): void {
  const { host } = new URL(target.url);
  const request = Buffer.from(
    `GET ${target.path} HTTP/1.1\r\nhost: ${host}\r\nx-api-key: ${target.key}\r\n\r\n`,
  );
  let cut = 0;
  const all = Array.from(
    { length: target.connections },
    () => new Connection(target, request, () => (cut += 1)),
  );
  process.on('message', ({ perSecond, seconds }: Flood) => {
    const began = performance.now();
    let [sent, held, next] = [0, 0, 0];
    cut = 0;
    const timer = setInterval(() => {
      const passedMs = performance.now() - began;
      const due = Math.floor((perSecond * Math.min(passedMs, seconds * 1000)) / 1000);
      while (sent + held < due) {
        let looked = 0;
        while (looked < all.length && all[next]?.isBusy === true) {
          looked += 1;
          next = (next + 1) % all.length;
        }
        if (looked === all.length) {
          held = due - sent;
          break;
        }
        all[next]?.send();
        next = (next + 1) % all.length;
        sent += 1;
      }
      if (passedMs < seconds * 1000) return;
      clearInterval(timer);
      process.send?.({ sent, held, cut } satisfies Flooded);
    }, tickMs);
  });
  process.send?.('ready');
}

const [, program, target] = process.argv;
// Given by the other side, above.
if (program === fileURLToPath(import.meta.url) && target !== undefined)
  generate(JSON.parse(target) as Target);
