/** The signals that end a command: the first in good order, a second at once. */

/** SIGHUP comes when the terminal is closed. */
const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type EndingSignal = keyof typeof statuses;

/** Ctrl-C under npm comes twice: once from the terminal and once from npm. */
const samePressMs = 200;

/** @param first called once; another signal after that ends the process with the shell's status for it */
export function onFirstSignal(first: (signal: EndingSignal) => void): void {
  let firstAtMs: number | undefined;
  const listen = (signal: EndingSignal) => {
    process.on(signal, () => {
      if (firstAtMs === undefined) {
        firstAtMs = performance.now();
        first(signal);
      } else if (performance.now() - firstAtMs > samePressMs) {
        process.exit(statuses[signal]);
      }
    });
  };
  listen('SIGHUP');
  listen('SIGINT');
  listen('SIGTERM');
}

/** What a shell reports of a process that a signal ended. */
function statusOf(signal: EndingSignal): number {
  return statuses[signal];
}

class Ended extends Error {
  override readonly name = 'Ended';
  constructor(
    readonly signal: EndingSignal,
    note: string,
  ) {
    super(`ended by ${signal}: ${note}`);
  }
}

/**
 * @param note what becomes of the work, in words
 * @param work ends with the reason of the signal it is given
 */
export async function untilSignal(
  note: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  onFirstSignal((signal) => {
    ending.abort(new Ended(signal, note));
  });
  try {
    await work(ending.signal);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = statusOf(error.signal);
  }
}
