/** The flood of `wrong-keys.ts`, in a process of its own, which has started when it is first told to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type RawConnection, openConnection } from '../tests/support/raw-connection.js';

/** Each has two connections, on which it sends the next key once the one before is answered. */
export const clients = 200;
export const connections = 400;

export async function startFlooder(url: string) {
  const flooder = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), url],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  );
  await once(flooder, 'message');
  return {
    flood: async (count: number) => {
      flooder.send(count);
      await once(flooder, 'message');
    },
    end: () => flooder.kill(),
  };
}

function floodWhenTold(url: string): void {
  const open = Promise.all(Array.from({ length: connections }, () => openConnection(url)));
  process.on('message', (count: number) => {
    void open.then((all) => flood(url, all, count)).then(() => process.send?.('done'));
  });
  void open.then(() => process.send?.('ready'));
}

/** Wrong keys as fast as they are answered, on many connections, each from an address of its own. */
async function flood(url: string, open: RawConnection[], count: number): Promise<void> {
  let sent = 0;
  const send = async (place: number) => {
    for (let connection = open[place]; sent < count && connection !== undefined;) {
      sent += 1;
      const key = `wrong-${sent}-0123456789abcdef`;
      const client = `198.51.100.${place % clients}`;
      const headers = { 'x-api-key': key, 'x-forwarded-for': client };
      const { status } = await connection.ask('/patients', headers);
      if (status !== 401 && status !== 429) throw new Error(`a wrong key was answered ${status}`);
      if (connection.socket.destroyed) connection = open[place] = await openConnection(url);
    }
  };
  await Promise.all(open.map((_, place) => send(place)));
}

const [, program, target] = process.argv;
if (program === fileURLToPath(import.meta.url) && target !== undefined) floodWhenTold(target);
