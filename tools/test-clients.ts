// Runs dlt, Airbyte's CDK and the Singer SDK against the service. Ends with 3 where they cannot be installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const notRun = 3;
const root = fileURLToPath(new URL('..', import.meta.url));
const environments = join(root, '.local/clients');
const tools = ['dlt', 'airbyte', 'singer'];

class CannotInstall extends Error {}

try {
  const python = pythonOf(['python3', 'python']);
  for (const tool of tools) install(python, tool);
} catch (error) {
  if (!(error instanceof CannotInstall)) throw error;
  console.error(`\nNOT RUN: the pull clients. ${error.message}`);
  process.exit(notRun);
}
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = join(root, 'tests/clients/vitest.config.ts');
const args = ['run', '--config', config, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;

function pythonOf(names: readonly string[]): string {
  const question = 'import sys, venv, ensurepip; print(sys.version_info >= (3, 10))';
  const found = names.find((name) => {
    const { stdout } = spawnSync(name, ['-c', question], { encoding: 'utf8' });
    return typeof stdout === 'string' && stdout.trim() === 'True';
  });
  if (found === undefined) throw new CannotInstall('They need Python 3.10 or newer, with venv.');
  return found;
}

/** A virtual environment of the tool's own; made anew when its requirements change. */
function install(python: string, tool: string): void {
  const requirements = join(root, 'tests/clients/requirements', `${tool}.txt`);
  const folder = join(environments, tool);
  const mark = join(folder, 'requirements.sha256');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return;
  console.log(`Installing ${tool} into .local/clients/${tool} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(environments, { recursive: true });
  run(python, ['-m', 'venv', folder]);
  run(join(folder, 'bin/python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '-r',
    requirements,
  ]);
  writeFileSync(mark, digest);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 900_000 });
  if (status === 0) return;
  const [reason = ''] = stderr.trim().split('\n').slice(-1);
  throw new CannotInstall(`Installing their packages failed: ${reason}`);
}
