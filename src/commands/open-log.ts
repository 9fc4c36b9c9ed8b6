/** The log of a process: JSON for machines, lines for a person at a terminal. */
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { Config } from '../config/config.js';
import type { Contract } from '../contract/contract.js';
import { confidentialNames, createLog, type Log, prettyDestination } from '../log.js';

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

/**
 * What is still gathered when the process ends is written then: a pipe or file takes it at once.
 * @param mostBytes no more is written at a time, unless a single line is longer
 */
function gatheredOutput(
  output: NodeJS.WritableStream,
  mostBytes = Infinity,
): NodeJS.WritableStream {
  let lines = '';
  let bytes = 0;
  const flush = () => {
    const text = lines;
    lines = '';
    bytes = 0;
    if (text !== '') output.write(text);
  };
  process.once('exit', flush);
  return new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      const added = mostBytes === Infinity ? 0 : Buffer.byteLength(line);
      if (bytes + added > mostBytes) flush();
      if (lines === '') setImmediate(flush);
      lines += line;
      bytes += added;
      done();
    },
  });
}

const packageFile = new URL('../../package.json', import.meta.url);

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  return version;
}
