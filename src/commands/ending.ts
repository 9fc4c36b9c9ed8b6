/** Commands that a signal ends in good order: what was done stays, and the shell learns of the signal. */
import { type EndingSignal, onFirstSignal, statusOf } from './signals.js';

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
