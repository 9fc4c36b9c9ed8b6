/** What the three tools have in common: a run that pulls, and a destination to look at. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readContract } from '../../src/contract/contract.js';

export interface Connection {
  readonly baseUrl: string;
  /** The key of each collection, by the collection's name. */
  readonly keys: Readonly<Record<string, string>>;
}

export type Row = Readonly<Record<string, unknown>>;

/** One installation of a tool, with its own saved state and its own destination. */
export interface PullClient {
  /** Pulls what is new. Rejects when the tool ends with another status than 0. */
  run(connection: Connection): Promise<void>;
  /** What the destination holds of a collection, one row an id. */
  rows(collection: string): Promise<readonly Row[]>;
}

export const collections = readContract().collections;

/** A program of the virtual environment that `npm run test:clients` made for a tool. */
export function program(tool: string, name: string): string {
  return fileURLToPath(new URL(`../../.local/clients/${tool}/bin/${name}`, import.meta.url));
}

/** A file that `npm run generate` wrote for the tools. */
export function generated(file: string): string {
  return fileURLToPath(new URL(`../../generated/clients/${file}`, import.meta.url));
}

/** What the program printed; with its last words when it failed. */
export async function output(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  let printed = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text));
  const status = await new Promise<number | null>((fulfil, refuse) => {
    child.once('error', refuse).once('close', fulfil);
  });
  if (status === 0) return printed;
  throw new Error(
    `${command} ended with ${String(status)}\n${printed.slice(-3000)}\n${complained.slice(-3000)}`,
  );
}

/** The messages of a tool that prints one JSON object a line. */
export function messages(printed: string): readonly Row[] {
  return printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Row);
}
