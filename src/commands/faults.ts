/** What a command says, and with which status it ends, when it cannot go on. */
import { ConfigError } from '../config.js';
import { KeysError } from '../security/keys.js';
import { EmbeddedError } from '../store/embedded/embedded-error.js';

/** `EX_CONFIG` of sysexits.h: an operator has to change something before it can work. */
const configurationFault = 78;

export async function endOnFault(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(isConfiguration(error) ? configurationFault : 1);
  }
}

function isConfiguration(error: unknown): boolean {
  return [ConfigError, KeysError, EmbeddedError].some((known) => error instanceof known);
}

function messageOf(error: unknown): string {
  if (isConfiguration(error)) return (error as Error).message;
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return `hospital-api could not go on: ${error.message}${cause}`;
  }
  return `hospital-api could not go on: ${String(error)}`;
}
