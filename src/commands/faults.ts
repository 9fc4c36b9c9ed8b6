/** What a command says, and with which status it ends, when it cannot go on. */
import { ConfigError } from '../config.js';
import { ImportError } from '../import/import-error.js';
import { KeysError } from '../security/key-owner.js';
import { UnsafeStoreError } from '../store/durability.js';
import { EmbeddedError } from '../store/embedded/embedded-error.js';
import { surviveClosedOutput } from './output.js';

/** `EX_CONFIG` of sysexits.h: an operator has to change something before it can work. */
export const configurationFault = 78;

/** Why a command cannot go on, in one line that says what would be right. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A process of the service could not start: it has said why, unless a signal ended it. */
export class WorkerFault extends Error {
  override readonly name = 'WorkerFault';
  constructor(
    readonly status: number | null,
    signal: string | null,
  ) {
    super(status === null ? `a worker was ended by ${String(signal)} before it answered` : '');
  }
}

export async function endOnFault(work: () => Promise<void>): Promise<void> {
  surviveClosedOutput();
  try {
    await work();
  } catch (error) {
    const message = messageOf(error);
    if (message !== '') process.stderr.write(`${message}\n`);
    process.exit(statusOf(error));
  }
}

function statusOf(error: unknown): number {
  if (error instanceof WorkerFault) return error.status ?? 1;
  return isConfiguration(error) ? configurationFault : 1;
}

function isConfiguration(error: unknown): error is Error {
  return [ConfigError, KeysError, EmbeddedError, UnsafeStoreError].some(
    (known) => error instanceof known,
  );
}

function messageOf(error: unknown): string {
  if (isConfiguration(error)) return error.message;
  if (error instanceof CommandError || error instanceof ImportError) return error.message;
  if (error instanceof WorkerFault) return error.message;
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return `hospital-api could not go on: ${error.message}${cause}`;
  }
  return `hospital-api could not go on: ${String(error)}`;
}
