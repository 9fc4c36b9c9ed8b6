/** The log of a process: JSON for machines, lines for a person at a terminal. */
import type { Config } from '../config.js';
import type { Contract } from '../contract/contract.js';
import { type Log, confidentialNames, createLog, prettyDestination } from '../log.js';
import { gatheredOutput } from './gathered-output.js';
import { packageVersion } from './package-version.js';

export async function openLog(
  { logLevel, production, telemetry }: Config,
  contract: Contract,
  output: NodeJS.WriteStream = process.stdout,
): Promise<Log> {
  const pretty = output.isTTY && !production;
  return createLog({
    level: logLevel,
    confidential: confidentialNames(contract),
    destination: pretty ? await prettyDestination(output) : gatheredOutput(output),
    traceProject: telemetry.traceProject,
    serviceContext: { service: telemetry.serviceName, version: packageVersion() },
  });
}
