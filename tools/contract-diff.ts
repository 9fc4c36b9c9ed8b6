// Says what changed between two versions of the contract, whom it breaks, and whether the version number is right.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare } from './contract/compare.js';
import { faultsOf } from './contract/faults.js';
import { type Json, objectOf } from './contract/json.js';
import { asJson, asMarkdown, asTable } from './contract/report.js';
import { isAtLeast, versionOf } from './contract/version.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const releases = join(root, 'api-spec/releases');

export async function readContract(file: string) {
  return objectOf(JSON.parse(await readFile(file, 'utf8')) as Json);
}

/** The file of the highest version under api-spec/releases/. */
export async function lastRelease(folder: string = releases): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const read = await Promise.all(
    files.map(async (name) => {
      const file = join(folder, name);
      return { file, version: versionOf(await readContract(file)) };
    }),
  );
  const [last] = read.sort((one, other) => (isAtLeast(one.version, other.version) ? -1 : 1));
  if (last === undefined) throw new Error(`${folder} holds no release`);
  return last.file;
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

async function main(args: readonly string[]): Promise<void> {
  const [baseFile = await lastRelease(), revisionFile = join(root, 'generated/openapi.json')] =
    args.filter((arg) => !arg.startsWith('--'));
  const base = await readContract(baseFile);
  const revision = await readContract(revisionFile);
  const changes = await compare({ base, revision, today: today() });
  const faults = faultsOf(base, revision, changes);
  if (args.includes('--json')) console.log(asJson(changes));
  else if (args.includes('--markdown')) console.log(asMarkdown(changes, faults));
  else console.log(asTable(changes));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
