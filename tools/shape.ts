/**
 * The size of the source, and how much of it one request and one imported line meet. `--folder DIR` measures another
 * state of the project, which has to be built; `--files` names the files that are met, and those with one importer.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesMet } from './shape/met.js';
import { importedOnce, readSources, strayAudit } from './shape/source.js';

const { folder, files } = parseArgs({
  options: { folder: { type: 'string', default: '.' }, files: { type: 'boolean', default: false } },
}).values;
const project = resolve(folder);
const sources = readSources(join(project, 'src'));
const lines = sources.map((source) => source.lines).sort((one, other) => one - other);
const largest = sources.reduce((one, other) => (other.lines > one.lines ? other : one));
const longest = sources.reduce((one, other) =>
  other.longestFunction.lines > one.longestFunction.lines ? other : one,
);
const once = importedOnce(sources);
const stray = strayAudit(sources);
const { byRequest, byLine } = await filesMet(project);

const rows: readonly (readonly [string, string | number])[] = [
  ['files in src', sources.length],
  ['lines in src', lines.reduce((sum, count) => sum + count, 0)],
  ['lines of the median file', lines[Math.floor(lines.length / 2)] ?? 0],
  ['lines of the largest file', `${largest.lines} (${largest.name})`],
  ['lines of the longest function', functionOf(longest)],
  ['files with one importer', once.length],
  ['files at the root of src', sources.filter(({ name }) => !name.includes('/')).length],
  ['npm scripts', Object.keys(scripts()).length],
  ['settings', settings().size],
  [
    '*audit* files outside audit/',
    stray.length === 0 ? 0 : `${stray.length} (${stray.join(', ')})`,
  ],
  ['files met by GET /patients?limit=5', byRequest.length],
  ['files met by one imported line', byLine.length],
];
for (const [name, value] of rows) console.log(`${name.padEnd(36)} ${value}`);
if (files) {
  for (const [title, names] of Object.entries({ once, byRequest, byLine })) {
    console.log(`\n${title}\n  ${names.join('\n  ')}`);
  }
}

function functionOf({ name, longestFunction }: (typeof sources)[number]): string {
  return `${longestFunction.lines} (${name}:${longestFunction.at})`;
}

function scripts(): object {
  const text = readFileSync(join(project, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly scripts: object }).scripts;
}

/** Each name that the example of an environment sets, or would. */
function settings(): ReadonlySet<string> {
  const text = readFileSync(join(project, 'config/example.env'), 'utf8');
  return new Set([...text.matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name));
}
