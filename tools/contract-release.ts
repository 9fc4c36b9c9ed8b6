// Publishes the present contract: version, changelog and the file that later versions are compared with.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastRelease, readContract, today } from './contract-diff.js';
import type { Change } from './contract/change.js';
import { compare } from './contract/compare.js';
import { type JsonObject, objectOf } from './contract/json.js';
import { placeOf } from './contract/report.js';
import {
  type Version,
  isAtLeast,
  neededVersion,
  versionOf,
  versionText,
} from './contract/version.js';
import { bundleContract, writeArtifacts } from './generate.js';

interface Release {
  readonly version: Version;
  readonly entry: string;
}

/**
 * The version that the changes ask for, or the one that was asked for if it is enough.
 * @throws Error that says what is in the way
 */
export function planRelease(
  base: JsonObject,
  changes: readonly Change[],
  wanted: string | undefined,
  changelog: string,
): Release {
  const forbidden = changes.find((change) => change.forbidden === true);
  if (forbidden !== undefined) throw new Error(`${forbidden.where}: ${forbidden.change}`);
  if (changes.length === 0) throw new Error('Nothing has changed since the last release.');
  const last = versionOf(base);
  const needed = neededVersion(last, changes);
  const version = wanted === undefined ? needed : versionOf({ info: { version: wanted } });
  if (!isAtLeast(version, needed)) {
    throw new Error(
      `These changes need ${versionText(needed)}; ${versionText(version)} is too low.`,
    );
  }
  const isMajor = changes.some(({ verdict }) => verdict === 'breaking');
  if (isMajor && !changelog.includes(`### Migrating to contract ${versionText(version)}`)) {
    throw new Error(
      `Breaking changes need a note in CHANGELOG.md under "### Migrating to contract ${versionText(version)}".`,
    );
  }
  return { version, entry: entryOf(version, changes) };
}

function entryOf(version: Version, changes: readonly Change[]): string {
  const lines = changes
    .filter(({ verdict }) => verdict !== 'wording')
    .map(({ verdict, where, change }) => `- ${verdict}: \`${placeOf(where)}\`: ${change}`);
  const said = lines.length > 0 ? lines : ['- Wording.'];
  return `### Contract ${versionText(version)}\n\n${said.join('\n')}\n`;
}

/**
 * Writes version, changelog and the release below a project's root.
 * @returns the file of the release
 */
export async function release(root: string, wanted?: string): Promise<string> {
  const releases = join(root, 'api-spec/releases');
  const base = await readContract(await lastRelease(releases));
  const bundle = await bundleContract(root);
  // The same JSON; openapi-typescript's name for it is narrower.
  const revision = objectOf(bundle as unknown as JsonObject);
  const file = join(root, 'CHANGELOG.md');
  const changelog = await readFile(file, 'utf8');
  const changes = await compare({ base, revision, today: today() });
  const { version, entry } = planRelease(base, changes, wanted, changelog);
  await setVersion(root, versionText(version));
  const info = { ...bundle.info, version: versionText(version) };
  await writeArtifacts({ ...bundle, info }, root);
  await writeFile(file, changelog.replace('## Unreleased\n', `## Unreleased\n\n${entry}`));
  const released = join(releases, `${versionText(version)}.json`);
  await writeFile(released, await readFile(join(root, 'generated/openapi.json'), 'utf8'));
  return released;
}

async function setVersion(root: string, version: string): Promise<void> {
  const file = join(root, 'api-spec/openapi.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^( {2}version: ).*$/m, `$1${version}`));
}

async function main([wanted]: readonly string[]): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  console.log(`Released: ${await release(root, wanted)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
