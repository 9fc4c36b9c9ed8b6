// The build runs before a script only when it has to, and can.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const tool = fileURLToPath(new URL('../../tools/build-if-stale.mjs', import.meta.url));

describe('build-if-stale', () => {
  let project: string;

  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'build if stale-'));
    for (const folder of ['src', 'tools', 'dist', 'node_modules/typescript']) {
      await mkdir(join(project, folder), { recursive: true });
    }
    await cp(tool, join(project, 'tools/build-if-stale.mjs'));
    await writeBuild('process.exitCode = 0');
    await writeFile(join(project, 'src/main.ts'), '');
    await age('src', 'src/main.ts', 'package.json');
  });
  afterEach(async () => {
    await rm(project, { recursive: true });
  });

  it('builds once, saying so in one line, then not again', () => {
    expect(run()).toEqual({
      status: 0,
      output: expect.stringMatching(/^Building [^\n]*\n$/) as string,
    });
    expect(run()).toEqual({ status: 0, output: '' });
  });

  it('builds again when a source is newer', async () => {
    run();
    const later = new Date(Date.now() + 5_000);
    await utimes(join(project, 'src/main.ts'), later, later);
    expect(run().output).toMatch(/^Building/);
  });

  it('fails with the build, and tries again the next time', async () => {
    await writeBuild('process.exitCode = 2');
    expect(run().status).toBe(1);
    expect(run().status).toBe(1);
  });

  it('uses what is built when the compiler is not installed', async () => {
    await rm(join(project, 'node_modules/typescript'), { recursive: true });
    await writeFile(join(project, 'dist/main.js'), '');
    expect(run()).toEqual({ status: 0, output: '' });
  });

  it('says what to do when there is neither', async () => {
    await rm(join(project, 'node_modules/typescript'), { recursive: true });
    expect(run()).toEqual({
      status: 1,
      output: expect.stringMatching(/^dist\/ is missing[^\n]*\n$/) as string,
    });
  });

  it('runs the program of dist that it is given, as if it had been started itself', async () => {
    const program = join(project, 'dist/main.js');
    await writeFile(program, 'console.log(JSON.stringify(process.argv.slice(1)))');
    run();
    const { status, output } = run('main.js', '--help');
    expect([status, JSON.parse(output)]).toEqual([0, [program, '--help']]);
  });

  function run(...args: readonly string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync('node', ['tools/build-if-stale.mjs', ...args], {
      cwd: project,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  async function writeBuild(script: string): Promise<void> {
    const scripts = { build: `node -e "${script}"` };
    await writeFile(join(project, 'package.json'), JSON.stringify({ scripts }));
  }

  async function age(...paths: readonly string[]): Promise<void> {
    const earlier = new Date(Date.now() - 60_000);
    for (const path of paths) await utimes(join(project, path), earlier, earlier);
  }
});
