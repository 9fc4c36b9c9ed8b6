/**
 * Takes what `npm run lab -- bench` last found on this machine into docs/benchmarks/, and writes the page and the picture of
 * all that is kept there: `npm run lab -- bench:page`
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, type Report, figure, holds, spreadOf } from './comparison.js';
import { root } from './folder.js';
import { writePlot } from './plot.js';

interface Kept {
  readonly measured: string;
  readonly machine: string;
  readonly reports: readonly Report[];
}

const results = join(root, 'bench/results');
const kept = join(root, 'docs/benchmarks');

await mkdir(kept, { recursive: true });
for (const file of await jsonsIn(results)) {
  const found = await read(join(results, file));
  const text = JSON.stringify({ ...found, reports: found.reports.map(withoutRounds) }, null, 2);
  await writeFile(join(kept, file), `${text}\n`);
}
const parts = await Promise.all((await jsonsIn(kept)).map((file) => read(join(kept, file))));
await writeFile(join(root, 'docs/benchmarks.md'), pageOf(parts));
await writePlot(
  join(root, 'docs/benchmarks.svg'),
  parts.flatMap(({ reports }) => reports),
);

async function jsonsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
}

async function read(path: string): Promise<Kept> {
  // Written by `npm run lab -- bench` alone.
  return JSON.parse(await readFile(path, 'utf8')) as Kept;
}

/** Their spread stands for all. */
function withoutRounds(report: Report): Report {
  const results = report.results.map((result) => ({
    ...result,
    values: spreadOf(result.values),
  }));
  return { ...report, results };
}

function pageOf(all: readonly Kept[]): string {
  return `# Benchmarks

For whoever asks how fast the service is. After this page you know how it compares with others, and which aims were not reached.

\`npm run lab -- bench\` measured each part in one run, in which everything that is compared took turns; \`npm run lab -- bench:page\` writes this page.
PostgreSQL, the load and the services share one machine, so only the ratios are meaningful. A spread is from the lowest to the
highest; of more than fifty samples it leaves out a twentieth at either end.

![The medians as bars, with their spread](benchmarks.svg)
${all.map(partOf).join('')}`;
}

function partOf({ measured, machine, reports }: Kept): string {
  return reports
    .map(
      ({ title, unit, results: found, checks, notes }) => `
## ${title}

${measured.slice(0, 10)}. ${machine}.

| | median, ${unit} | spread |
| --- | --- | --- |
${found.map(({ name, median, values }) => `| ${name} | ${figure(median)} | ${values.map(figure).join(' to ')} |`).join('\n')}

| beside | × | wanted | |
| --- | --- | --- | --- |
${checks.map(rowOf).join('\n')}
${notes.map((note) => `\n${note}.\n`).join('')}`,
    )
    .join('');
}

function rowOf(check: Check): string {
  const { says, ratio, least, most } = check;
  const wanted = least === undefined ? `at most ${most ?? ''}` : `at least ${least}`;
  const verdict = holds(check) ? 'reached' : '**not reached**';
  return `| ${says} | ${ratio.toFixed(2)} | ${wanted} | ${verdict} |`;
}
