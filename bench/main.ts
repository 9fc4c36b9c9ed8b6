/**
 * Everything that is said of speed, measured: `npm run lab -- bench`, or a part of it by `-- --only pages|record|export|wait|scale|audit|start`.
 * BENCH_DIR keeps what is needed more than once.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { audit } from './audit.js';
import { type Report, holds, print } from './comparison.js';
import { type Dataset, openDataset } from './dataset.js';
import { exports } from './export.js';
import { prepareFolder, root } from './folder.js';
import { connections, hasWrk } from './load.js';
import { pages } from './pages.js';
import { writePlot } from './plot.js';
import { record } from './record.js';
import { scale } from './scale.js';
import { type Toolchain, findToolchain } from './toolchain.js';
import { wait } from './wait.js';

type Bench = (dataset: Dataset, toolchain: Toolchain) => Promise<readonly Report[]>;

const benches: Readonly<Record<string, Bench>> = {
  pages,
  record,
  export: exports,
  wait,
  scale,
  audit,
};
const resultsFolder = join(root, 'bench/results');

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const known = [...Object.keys(benches), 'start'];
if (only !== undefined && !known.includes(only)) {
  console.error(`--only takes one of ${known.join(', ')}; not ${only}`);
  process.exit(2);
}
await run(known.filter((name) => only === undefined || name === only));

async function run(names: readonly string[]): Promise<void> {
  await prepareFolder();
  await mkdir(resultsFolder, { recursive: true });
  const toolchain = await findToolchain();
  const load = hasWrk ? 'wrk' : 'autocannon';
  const machine = `Node ${process.versions.node}, ${cpus().length} cores, load by ${load} over ${connections} connections, load of the machine before ${loadavg()[0]?.toFixed(1) ?? '?'}`;
  console.log(machine);
  for (const name of names) {
    const bench = benches[name];
    if (bench === undefined) {
      await import('./start.js');
      continue;
    }
    const dataset = await openDataset();
    try {
      await keep(name, machine, await bench(dataset, toolchain));
    } finally {
      await dataset.close();
    }
  }
}

async function keep(name: string, machine: string, reports: readonly Report[]): Promise<void> {
  for (const report of reports) print(report);
  const missed = reports.flatMap(({ checks }) => checks).filter((check) => !holds(check));
  if (missed.length > 0) process.exitCode = 1;
  const text = JSON.stringify({ measured: new Date().toISOString(), machine, reports }, null, 2);
  await writeFile(join(resultsFolder, `${name}.json`), `${text}\n`);
  await writePlot(join(resultsFolder, 'bench.svg'), await shownReports());
}

async function shownReports(): Promise<readonly Report[]> {
  const files = (await readdir(resultsFolder)).filter((file) => file.endsWith('.json')).sort();
  const kept = await Promise.all(files.map((file) => readFile(join(resultsFolder, file), 'utf8')));
  return kept.flatMap((text) => (JSON.parse(text) as { reports: readonly Report[] }).reports);
}
