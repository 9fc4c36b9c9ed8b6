// Builds dist/ when a source is newer than the last build; then runs the program of dist/ that it is given, if any.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { URL, fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist/.built');
const sources = [
  'src',
  'packages/client/src',
  'packages/client/build.mjs',
  'packages/client/package.json',
  'packages/client/tsconfig.json',
  'generated/openapi.json',
  'generated/api.d.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'tools/docs.ts',
  'tools/redocly.ts',
  'tools/reference',
  'package.json',
];

const [program, ...args] = process.argv.slice(2);
process.exitCode = buildIfStale();
if (process.exitCode === 0 && program !== undefined) await run(join(root, 'dist', program));

/**
 * In this process, which signals reach by way of npm; a worker of a cluster starts what `argv` names.
 * @param {string} file
 */
async function run(file) {
  process.argv.splice(1, Infinity, file, ...args);
  await import(pathToFileURL(file).href);
}

function buildIfStale() {
  if (!existsSync(join(root, 'node_modules/typescript'))) {
    if (existsSync(join(root, 'dist/main.js'))) return 0;
    console.error('dist/ is missing and so is the compiler: run `npm install && npm run build`.');
    return 1;
  }
  const builtMs = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (sources.every((source) => newestMs(join(root, source)) <= builtMs)) return 0;
  console.log('Building dist/ (the sources are newer) …');
  // A source that is saved during the build has to count as newer than it.
  const started = new Date();
  const build = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) {
    console.error(`${build.stdout}${build.stderr}The build failed.`);
    return 1;
  }
  writeFileSync(stamp, `${started.toISOString()}\n`);
  utimesSync(stamp, started, started);
  return 0;
}

/**
 * Folders count too, because a file that was taken away changes only its folder.
 * @param {string} path
 * @returns {number}
 */
function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
