/** The log of a process: JSON for machines, lines for a person at a terminal. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.js';
import type { Contract } from '../contract/contract.js';
import {
  confidentialNames,
  createLog,
  gatheredOutput,
  type Log,
  prettyDestination,
} from '../log.js';

/** So much is written to a pipe in one piece, whoever else writes to it: `PIPE_BUF` of Linux. */
const wholeBytes = 4_096;

interface Destination {
  readonly output?: NodeJS.WriteStream;
  /** Which of several processes that write to the same output. */
  readonly worker?: number | undefined;
}

export async function openLog(
  { logLevel, production, telemetry }: Config,
  contract: Contract,
  { output = process.stdout, worker }: Destination = {},
): Promise<Log> {
  const pretty = output.isTTY && !production;
  const mostBytes = worker === undefined ? Infinity : wholeBytes;
  return createLog({
    level: logLevel,
    confidential: confidentialNames(contract),
    destination: pretty ? await prettyDestination(output) : gatheredOutput(output, mostBytes),
    worker,
    traceProject: telemetry.traceProject,
    serviceContext: { service: telemetry.serviceName, version: packageVersion() },
  });
}

const packageFile = new URL('../../package.json', import.meta.url);

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  return version;
}
