/** Which mapping made a record: it changes with every change of the mapping's own files, and with the time zone. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname } from 'node:path';

const folder = new URL('./fhir/', import.meta.url);
/** What also decides what a resource becomes. */
const beside = [
  'completed',
  'csv-row',
  'read-json',
  'retracted-content',
  'source-version',
  'staging',
];
const ending = extname(import.meta.filename);

/** Twelve hexadecimal digits, the same wherever the same build runs. */
export async function mappingVersion(timeZone: string): Promise<string> {
  const hash = createHash('sha256').update(timeZone);
  const names = (await readdir(folder)).filter((name) => /\.[jt]s$/.test(name)).sort();
  const others = beside.map((name) => `../${name}${ending}`);
  for (const name of [...names, ...others]) hash.update(await readFile(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}
