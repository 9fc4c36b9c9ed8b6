/** Runs PostgreSQL's own programs to their end, as the account that may run them. */
import { spawn } from 'node:child_process';

/** What every program of PostgreSQL runs under: PGDATA, LANG or a search path of the caller's would mislead it. */
export const programEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** The caller's working folder may be closed to the account, and PostgreSQL asks where it is. */
export const workingFolder = '/';

/** An account that programs run as instead of root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Outcome {
  readonly status: number | undefined;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

export async function runProgram(
  program: string,
  args: readonly string[],
  account: Account | undefined,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: workingFolder,
      env: programEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...spawnIdentity(account),
    });
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (cause) => {
      reject(cannotRun(program, account, cause));
    });
    child.on('close', (status) => {
      resolve({ status: status ?? undefined, output });
    });
  });
}

export function spawnIdentity(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

export function cannotRun(program: string, account: Account | undefined, cause: Error) {
  const who = account === undefined ? '' : ` as ${account.name}`;
  const message = `cannot run ${program}${who} (${cause.message}): make that possible, ${orDatabaseUrl}`;
  return new EmbeddedError(message, { cause });
}

/** Its message is one line: what is wrong, and what would be right. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}

/** The way out that always works, as the end of a message. */
export const orDatabaseUrl = 'or set DATABASE_URL to a PostgreSQL of your own';

/** The system's word for an error, such as EACCES. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Awaits the outcome, or undefined where it fails with one of these codes. */
export async function undefinedOn<T>(codes: readonly string[], outcome: Promise<T>) {
  try {
    return await outcome;
  } catch (error) {
    if (codes.includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
