// What measures and tortures the project, and what stands in for Google: `npm run lab`, `npm run lab -- NAME --help`.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Experiment {
  readonly about: string;
  /** A program, or a file of tests. */
  readonly file: string;
  /** What applies where the environment does not say otherwise. */
  readonly env?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

const experiments: Readonly<Record<string, Experiment>> = {
  answers: {
    about: 'which of the documented answers were given',
    file: 'tests/http/every-answer.test.ts',
  },
  attack: { about: 'what somebody without a key can do', file: 'bench/attack.ts' },
  bench: { about: 'everything that is said of speed, measured', file: 'bench/main.ts' },
  'bench:import': { about: 'a load beside a bare COPY of the same bytes', file: 'bench/import.ts' },
  'bench:keys': { about: 'a flood of wrong keys', file: 'bench/wrong-keys.ts' },
  'bench:overload': {
    about: 'many more requests than can be answered',
    file: 'bench/overload.ts',
  },
  'bench:page': { about: 'writes docs/benchmarks.md from the last `bench`', file: 'bench/page.ts' },
  'bench:produce': {
    about: 'the producer beside a client that publishes from memory',
    file: 'bench/produce.ts',
  },
  'bench:start': { about: 'from spawn to the first 200', file: 'bench/start.ts' },
  dockerfile: {
    about: 'the steps of the Dockerfile, without Docker',
    file: 'tests/deploy/dockerfile.process.test.ts',
    env: { DOCKERFILE: 'true' },
  },
  'emulate:pubsub': { about: 'a local Pub/Sub', file: 'tests/support/pubsub/main.ts' },
  'emulate:secrets': {
    about: 'a local Secret Manager',
    file: 'tests/support/secret-manager/main.ts',
  },
  picture: { about: 'draws the picture of docs/architecture.md', file: 'tools/layout-picture.ts' },
  shape: {
    about: 'the size of the source, and how much of it a request meets',
    file: 'tools/shape.ts',
  },
  soak: { about: 'a mixed load for a long time', file: 'bench/soak.ts' },
  torture: {
    about: 'the promise of docs/feed.md, with kills and a clock that is set back',
    file: 'bench/torture.ts',
  },
  'torture:audit': {
    about: '1000 reads while records change; `audit show` lists what was sent',
    file: 'tests/audit/disclosures.process.test.ts',
    env: { READS: '1000' },
  },
  'torture:database': {
    about: '20 restarts of PostgreSQL',
    file: 'tests/commands/database-restarts.process.test.ts',
    env: { RESTARTS: '20' },
  },
  'torture:endings': {
    about: '100 times SIGTERM under load',
    file: 'tests/commands/endings.process.test.ts',
    env: { ENDINGS: '100' },
  },
  'torture:import': {
    about: 'imports that are killed, KILL_ROUNDS times',
    file: 'tests/commands/import-killed.process.test.ts',
  },
  'torture:produce': {
    about: 'a producer that is killed 100 times',
    file: 'tests/producer/torture.process.test.ts',
    env: { ROUNDS: '100' },
  },
  'torture:reconcile': {
    about: 'reconciling 100,000 records',
    file: 'tests/warehouse/reconcile.test.ts',
    env: { RECORDS: '100000' },
  },
  'torture:resources': {
    about: '20,000 FHIR resources of every type',
    file: 'tests/import/fhir/r4-resources.test.ts',
    env: { RESOURCES: '20000' },
  },
  'torture:sockets': {
    about: '50,000 malformed requests',
    file: 'tests/http/malformed.process.test.ts',
    env: { MALFORMED: '50000' },
  },
};

const [name, ...args] = process.argv.slice(2);
const chosen = name === undefined ? undefined : experiments[name];
if (chosen !== undefined) {
  if (args.includes('--help')) printHelp(chosen);
  else run(chosen);
} else {
  printList();
  if (name !== undefined && name !== '--help') {
    console.error(`\nThere is no ${name}.`);
    process.exitCode = 2;
  }
}

function printList(): void {
  console.log('npm run lab -- NAME [arguments]; npm run lab -- NAME --help\n');
  for (const [key, { about }] of Object.entries(experiments)) {
    console.log(`  ${key.padEnd(18)} ${about}`);
  }
}

/** The comment at the head of its file tells of arguments and settings. */
function printHelp({ about, file, env = {} }: Experiment): void {
  const text = readFileSync(join(root, file), 'utf8');
  const head = /^(?:\/\*\*[^]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[0] ?? '';
  const words = head.replaceAll(/^(?:\/\*\*| \*\/| \*|\/\/) ?|\s*\*\/$/gm, '').trim();
  const settings = Object.entries(env).map(([key, value]) => `${key} (${value}) is a setting.\n`);
  console.log(`${about}\n\n${words}\n\n${settings.join('')}It runs ${file}.`);
}

function run({ file, env }: Experiment): void {
  const { status } = spawnSync(process.execPath, [join(root, 'tools/build-if-stale.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  const [program, first] = file.endsWith('.test.ts')
    ? ['node_modules/vitest/vitest.mjs', ['run', file]]
    : ['node_modules/tsx/dist/cli.mjs', [file]];
  const child = spawn(process.execPath, [join(root, program), ...first, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
