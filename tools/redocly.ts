// Runs Redocly's command line without its look-ups on the network.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const command = fileURLToPath(new URL('../node_modules/.bin/redocly', import.meta.url));
const env = {
  ...process.env,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
};

/** Answers what it prints. */
export async function redocly(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
    env,
  });
  return stdout;
}

/** Answers its status; all calls share a process, which ends with this one. */
export function redoclyInTurn(args: readonly string[]): Promise<number> {
  resident ??= startResident();
  const { process: child, waiting } = resident;
  return new Promise((resolve) => {
    waiting.push(resolve);
    child.channel?.ref();
    child.send(args);
  });
}

interface Resident {
  readonly process: ChildProcess;
  readonly waiting: ((status: number) => void)[];
}

let resident: Resident | undefined;

function startResident(): Resident {
  const child = fork(new URL('redocly-resident.mjs', import.meta.url), {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env,
    execArgv: [],
    stdio: 'ignore',
  });
  const waiting: Resident['waiting'] = [];
  child.unref();
  child.on('message', (status) => {
    waiting.shift()?.(Number(status));
    if (waiting.length === 0) child.channel?.unref();
  });
  child.on('exit', () => {
    resident = undefined;
    for (const answer of waiting.splice(0)) answer(1);
  });
  return { process: child, waiting };
}
