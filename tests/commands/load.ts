/** Clients that ask a service without a pause, on connections of their own, and tell what became of each request. */
import { setTimeout as delay } from 'node:timers/promises';
import { openConnection } from '../support/raw-connection.js';
import { keys } from '../support/service.js';

interface Outcome {
  readonly status: number;
  /** Whether bytes of the answer came, but not all. */
  readonly cut: boolean;
  readonly body: string;
}

export interface Load {
  readonly outcomes: readonly Outcome[];
  /** Waits for the requests under way. */
  end(): Promise<void>;
}

const header = { 'x-api-key': keys.patients ?? '' };

export function startLoad(url: string, paths: readonly string[]): Load {
  const outcomes: Outcome[] = [];
  let ended = false;
  const isEnded = () => ended;
  const client = async (path: string) => {
    while (!isEnded()) {
      const connection = await openConnection(url).catch(() => undefined);
      if (connection === undefined) await delay(20);
      while (connection !== undefined && !isEnded() && !connection.socket.destroyed) {
        const { status, whole, body } = await connection.ask(path, header);
        outcomes.push({ status, cut: status !== 0 && !whole, body });
        if (status === 503) await delay(20);
      }
      connection?.socket.destroy();
    }
  };
  const clients = paths.map(client);
  return {
    outcomes,
    end: async () => {
      ended = true;
      await Promise.all(clients);
    },
  };
}
