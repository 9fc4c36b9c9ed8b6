/** An earlier state of the project, built once in a folder of its own with the packages of that state. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { folder, root } from './folder.js';

/**
 * @param ref what git knows the state by: a commit, a tag, a branch
 * @returns the folder that it was built in
 */
export async function buildEarlier(ref: string): Promise<string> {
  const commit = run('git', ['rev-parse', '--verify', `${ref}^{commit}`], root).trim();
  const place = join(folder, `at-${commit}`);
  const isBuilt = existsSync(join(place, 'dist/docs.html'));
  if (isBuilt) return place;
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const archive = `${place}.tar`;
  run('git', ['archive', `--output=${archive}`, commit], root);
  run('tar', ['-xf', archive], place);
  await rm(archive);
  // Not `npm ci`, which ends where a state's lock file lacks a package.
  run('npm', ['install', '--no-audit', '--no-fund'], place);
  run('npm', ['run', 'build'], place);
  return place;
}

function run(program: string, parameters: readonly string[], cwd: string): string {
  const { status, stdout } = spawnSync(program, parameters, {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed in ${cwd}`);
  return stdout;
}
