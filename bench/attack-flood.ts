/** The flood of `attack.ts`, in a process of its own: one head again and again, on many connections. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const connections = 100;

export interface Flood {
  /** Without the empty line that ends it. */
  readonly head: string;
  readonly seconds: number;
}

/** How many answers of each status came. */
export type Answers = Readonly<Record<string, number>>;

export async function startFlooder(url: string) {
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), url],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  await once(child, 'message');
  return {
    flood: async (flood: Flood): Promise<Answers> => {
      child.send(flood);
      // The other side is below.
      return ((await once(child, 'message')) as [Answers])[0];
    },
    end: () => child.kill(),
  };
}

async function flood(url: URL, { head, seconds }: Flood): Promise<Answers> {
  const answers: Record<string, number> = {};
  const request = `${head}\r\n\r\n`;
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = () => {
    if (isOver) return;
    const socket = connect(Number(url.port), url.hostname, () => socket.write(request));
    sockets.add(socket);
    socket.on('data', (chunk) => {
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1')) ?? [];
      if (status === undefined) return;
      answers[status] = (answers[status] ?? 0) + 1;
      if (socket.writable) socket.write(request);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      setImmediate(open);
    });
  };
  for (let opened = 0; opened < connections; opened += 1) open();
  await delay(seconds * 1000);
  isOver = true;
  for (const socket of sockets) socket.destroy();
  return answers;
}

const [, program, target] = process.argv;
if (program === fileURLToPath(import.meta.url) && target !== undefined) {
  process.on('message', (wanted: Flood) => {
    void flood(new URL(target), wanted).then((answers) => process.send?.(answers));
  });
  process.send?.('ready');
}
