/** Load on one address for a while: by wrk where it is installed, by autocannon otherwise. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { key } from './folder.js';

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
}

export const connections = 16;
export const hasWrk = spawnSync('wrk', ['-v']).error === undefined;

/** @throws Error when an answer was anything but 2xx */
export async function load(url: string, seconds: number): Promise<Load> {
  return hasWrk ? byWrk(url, seconds) : byAutocannon(url, seconds);
}

async function byWrk(url: string, seconds: number): Promise<Load> {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-H', `x-api-key: ${key}`, url];
  const child = spawn('wrk', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = (await buffer(child.stdout)).toString();
  const [, requests, took, unit] = /(\d+) requests in ([\d.]+)(m?s)/.exec(text) ?? [];
  if (requests === undefined || /Non-2xx|Socket errors/.test(text)) throw new Error(text);
  const tookSeconds = Number(took) / (unit === 'ms' ? 1000 : 1);
  return { requests: Number(requests), perSecond: Number(requests) / tookSeconds };
}

async function byAutocannon(url: string, seconds: number): Promise<Load> {
  const program = fileURLToPath(import.meta.resolve('autocannon'));
  const options = [
    '-j',
    '-n',
    '-c',
    `${connections}`,
    '-d',
    `${seconds}`,
    '-H',
    `x-api-key=${key}`,
  ];
  const child = spawn(process.execPath, [program, ...options, url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const result = JSON.parse((await buffer(child.stdout)).toString()) as {
    readonly non2xx: number;
    readonly errors: number;
    readonly requests: { readonly total: number; readonly average: number };
  };
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx} refusals`);
  return { requests: result.requests.total, perSecond: result.requests.average };
}
