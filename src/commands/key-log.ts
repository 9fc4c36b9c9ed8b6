/** When each version of a key was last used, read from what the service logged. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

export interface LoggedUse {
  readonly scheme: string;
  readonly consumer: string;
  readonly keyVersion: string;
  readonly lastUsed: string;
}

/** @param file lines as the service writes them, or what `gcloud logging read --format=json` prints; `-` is stdin */
export async function readLoggedUses(file: string): Promise<readonly LoggedUse[]> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  return entriesOf(content).map(payloadOf).filter(isUse);
}

function entriesOf(content: string): readonly unknown[] {
  const whole = parsed(content);
  return Array.isArray(whole) ? whole : content.split('\n').map(parsed);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // Lines of other programs stand between those of the service.
    return undefined;
  }
}

function payloadOf(entry: unknown): unknown {
  const wrapped = typeof entry === 'object' && entry !== null && 'jsonPayload' in entry;
  return wrapped ? entry.jsonPayload : entry;
}

function isUse(entry: unknown): entry is LoggedUse {
  if (typeof entry !== 'object' || entry === null) return false;
  const { message, scheme, consumer, keyVersion, lastUsed } = entry as Record<string, unknown>;
  const texts = [scheme, consumer, keyVersion, lastUsed];
  return message === 'key in use' && texts.every((fact) => typeof fact === 'string');
}
