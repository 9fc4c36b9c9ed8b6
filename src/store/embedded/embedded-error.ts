/** The one kind of error that the embedded PostgreSQL reports to its caller. */

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
export async function unless<T>(codes: readonly string[], outcome: Promise<T>) {
  try {
    return await outcome;
  } catch (error) {
    if (codes.includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
