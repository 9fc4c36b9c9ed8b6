/** Which mapping made a record: it changes with every change of the mapping's own files, and with the time zone. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';

const folder = new URL('./fhir/', import.meta.url);

/** Twelve hexadecimal digits, the same wherever the same build runs. */
export async function mappingVersion(timeZone: string): Promise<string> {
  const hash = createHash('sha256').update(timeZone);
  const names = (await readdir(folder)).filter((name) => /\.[jt]s$/.test(name)).sort();
  for (const name of names) hash.update(await readFile(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}
