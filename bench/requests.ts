/** Requests a second of one address, for several services in turns. */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Result, inTurns } from './comparison.js';
import { folder } from './folder.js';
import { load } from './load.js';
import { type Contender, start } from './servers.js';

export interface Series {
  readonly databaseUrl: string;
  readonly path: string;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly seconds: number;
}

export async function compareRequests(series: Series): Promise<readonly Result[]> {
  const { contenders, path, rounds, seconds } = series;
  const servers = await Promise.all(contenders.map((each) => start(each, series)));
  try {
    for (const { origin } of servers) await load(`${origin}${path}`, 2);
    return await inTurns(
      'requests/s',
      rounds,
      servers.map(({ name, origin }) => ({
        name,
        measure: async () => (await load(`${origin}${path}`, seconds)).perSecond,
      })),
    );
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Requests that passed Express and openapi-backend in the services that have ended, beside what wrk counted. */
export async function passed(): Promise<{ express: number; 'openapi-backend': number }> {
  const sum = { express: 0, 'openapi-backend': 0 };
  for (const file of await readdir(folder)) {
    if (!file.startsWith('count-')) continue;
    const text = await readFile(join(folder, file), 'utf8');
    const counts = JSON.parse(text) as typeof sum;
    sum.express += counts.express;
    sum['openapi-backend'] += counts['openapi-backend'];
    await rm(join(folder, file));
  }
  return sum;
}
