/** The whole feed into a file by curl, beside psql's own COPY, and what it takes of memory. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Report, inTurns, ratioOf } from './comparison.js';
import type { Dataset } from './dataset.js';
import { folder, key } from './folder.js';
import { passed } from './requests.js';
import { type Server, serviceOn, start } from './servers.js';
import type { Toolchain } from './toolchain.js';

const rounds = 7;
const file = join(folder, 'export.ndjson');
const copy = `\\copy (select body from record where collection = 'lab_results' order by position) to '${file}' with (format csv, quote e'\\x01', delimiter e'\\x02')`;
/** Seconds of the slow reader, at 1 MB a second. */
const slowSeconds = 15;

export async function exports({ url }: Dataset, { node24 }: Toolchain): Promise<readonly Report[]> {
  const contender = serviceOn('curl from this service, Node 24', node24 ?? process.execPath);
  const server = await start(contender, { databaseUrl: url, path: '/health/ready' });
  const hasPsql = spawnSync('psql', ['--version']).error === undefined;
  const psql = { name: 'psql \\copy', measure: () => timed('psql', [url, '-qc', copy]) };
  const curl = { name: contender.name, measure: () => timed('curl', curlOf(server)) };
  try {
    await curl.measure();
    const results = await inTurns('s', rounds, [curl, ...(hasPsql ? [psql] : [])]);
    const { size } = await stat(file);
    const grown = await growth(server, curlOf(server));
    const slowly = await growth(server, [
      ...curlOf(server),
      '--limit-rate',
      '1M',
      '-m',
      `${slowSeconds}`,
    ]);
    return [
      {
        title: 'Export of 200,000 records',
        unit: 's',
        results,
        checks: [
          {
            says: 'speed of psql \\copy',
            ratio: ratioOf(results, psql.name, curl.name),
            least: 0.85,
          },
          { says: 'memory grown, of 64 MB', ratio: grown / 64, most: 1 },
          { says: 'memory grown by a slow reader, of 64 MB', ratio: slowly / 64, most: 1 },
        ],
        notes: [
          `${(size / 1e6).toFixed(0)} MB; memory grew by ${grown.toFixed(0)} MB, by ${slowly.toFixed(0)} MB for 1 MB/s`,
          ...(hasPsql ? [] : ['psql is missing: skipped']),
        ],
      },
    ];
  } finally {
    await server.stop();
    await passed();
    await rm(file, { force: true });
  }
}

function curlOf({ origin }: Server): readonly string[] {
  const headers = ['-H', `x-api-key: ${key}`, '-H', 'Accept: application/x-ndjson'];
  return ['-sS', '--fail', ...headers, '-o', file, `${origin}/lab_results`];
}

/** Seconds. */
async function timed(program: string, parameters: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return (performance.now() - started) / 1000;
}

/** By how many MB the process is larger at most while it sends. */
async function growth(server: Server, parameters: readonly string[]): Promise<number> {
  const before = await residentMb(server);
  const child = spawn('curl', parameters, { stdio: 'ignore' });
  let most = before;
  while (child.exitCode === null && child.signalCode === null) {
    most = Math.max(most, await residentMb(server));
    await delay(10);
  }
  return most - before;
}

async function residentMb({ process: { pid } }: Server): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
