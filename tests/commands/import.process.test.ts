/** `hospital-api import` as a process, on a database of the test's own. */
import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { keys } from '../support/service.js';
import { type Folder, makeFolder, programs, settingsFor, urlOf } from './processes.js';
import { encounterLine, observationLine, patientLine } from './resources.js';

let folder: Folder;
let database: TestDatabase;
let settings: Readonly<Record<string, string>>;
beforeEach(async () => {
  folder = await makeFolder();
  database = await createDatabase();
  settings = await settingsFor(folder, database.url);
});
afterEach(async () => {
  await folder.remove();
  await database.drop();
});

function importFiles(...args: readonly string[]) {
  return folder.command(['import', ...args], settings);
}

/** One of each: two patients, a visit, a result. */
async function writeExtract(): Promise<readonly string[]> {
  return [
    await folder.write('Patient.ndjson', patientLine('1') + patientLine('2')),
    await folder.write('Encounter.ndjson', encounterLine('1', '1')),
    await folder.write('Observation.ndjson', observationLine('1', '1')),
  ];
}

function stored() {
  return database.query('select collection, id, position, body from record order by 1, 2');
}

function countsOf(stdout: string): unknown {
  const report = JSON.parse(stdout) as { collections: Record<string, Record<string, number>> };
  return Object.fromEntries(
    Object.entries(report.collections).map(([name, counts]) => [
      name,
      [counts.created, counts.updated, counts.unchanged, counts.rejected],
    ]),
  );
}

/** The cells by the names of their row and column. */
function tableOf(text: string): unknown {
  const [[, ...columns] = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ +/));
  return Object.fromEntries(
    rows.map(([name, ...cells]) => [
      name,
      Object.fromEntries(columns.map((column, index) => [column, cells[index]])),
    ]),
  );
}

describe('import', { timeout: 30_000 }, () => {
  it('0 with a table of what was created', async () => {
    const { status, stdout, stderr } = await importFiles(...(await writeExtract()));
    expect([status, stderr]).toEqual([0, '']);
    expect(tableOf(stdout)).toMatchObject({
      patients: { read: '2', created: '2', updated: '0', unchanged: '0', rejected: '0' },
      appointments: { read: '1', created: '1', updated: '0', unchanged: '0', rejected: '0' },
      lab_results: { read: '1', created: '1', updated: '0', unchanged: '0', rejected: '0' },
    });
    expect((await stored()).map(({ id }) => id)).toEqual([
      'ehr:Encounter:1',
      'ehr:Observation:1',
      'ehr:Patient:1',
      'ehr:Patient:2',
    ]);
  });

  it('0 for the same files again, with nothing but the report as JSON, and no position moved', async () => {
    const files = await writeExtract();
    await importFiles(...files);
    const before = await stored();
    const again = await importFiles('--json', ...files);
    expect([again.status, countsOf(again.stdout)]).toEqual([
      0,
      { patients: [0, 0, 2, 0], appointments: [0, 0, 1, 0], lab_results: [0, 0, 1, 0] },
    ]);
    expect(await stored()).toEqual(before);
  });

  it('0 for a changed record, which alone takes a new version and position', async () => {
    await importFiles(...(await writeExtract()));
    const before = await stored();
    const file = await folder.write('Patient.ndjson', patientLine('1') + patientLine('2', 'New'));
    const { stdout } = await importFiles('--json', file);
    const after = await stored();
    expect(countsOf(stdout)).toMatchObject({ patients: [0, 1, 1, 0] });
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(JSON.parse(String(after[3]?.body))).toMatchObject({ family_name: 'New', version: 2 });
    expect(BigInt(String(after[3]?.position))).toBeGreaterThan(BigInt(String(before[3]?.position)));
  });

  it('2 for lines that do not fit, each named by file, line and reason, and the rest is loaded', async () => {
    const file = await folder.write(
      'Mixed.ndjson',
      `${patientLine('1')}{"resourceType":"Pat\n${patientLine('2')}{"resourceType":"Patient"}\n`,
    );
    const { status, stdout, stderr } = await importFiles('--json', file);
    expect(status).toBe(2);
    expect(stderr.split('\n')).toEqual([
      `${file}:2: must be JSON (json)`,
      expect.stringMatching(/^.*Mixed\.ndjson:4: \/id .+ \(.+\)$/) as string,
      '',
    ]);
    expect(countsOf(stdout)).toMatchObject({ patients: [2, 0, 0, 1] });
    expect((await stored()).map(({ id }) => id)).toEqual(['ehr:Patient:1', 'ehr:Patient:2']);
  });

  it('0 for a folder, whose files need not be named', async () => {
    await writeExtract();
    const { status, stdout } = await importFiles(folder.path, '--json', '--source', 'lab.2');
    expect([status, countsOf(stdout)]).toMatchObject([0, { patients: [2, 0, 0, 0] }]);
    expect((await stored())[0]?.id).toBe('lab.2:Encounter:1');
  });

  it('0 for every collection of the contract, whatever COLLECTIONS serves', async () => {
    const files = await writeExtract();
    const run = await folder.command(['import', '--json', ...files], {
      ...settings,
      COLLECTIONS: 'patients',
    });
    expect(countsOf(run.stdout)).toMatchObject({ lab_results: [1, 0, 0, 0] });
  });

  it.each([
    [
      'a path that is not there',
      ['nowhere.ndjson'],
      /^nowhere\.ndjson cannot be read: name a file/,
    ],
    ['a folder without files', ['keys'], /^keys holds no .*file/],
    ['no path', [], /missing required argument 'path'/],
    ['an unknown option', ['--sauce', 'x', 'y'], /unknown option '--sauce'/],
    [
      'a source with a space',
      ['--source', 'my ehr', 'keys'],
      /^--source must match .* such as ehr/,
    ],
    ['a source with a colon', ['--source', 'a:b', 'keys'], /^--source must match/],
    ['a source that is too long', ['--source', 'a'.repeat(65), 'keys'], /in at most 64 characters/],
  ])('1 for %s, with what would be right', async (_, args, message) => {
    const { status, stdout, stderr } = await importFiles(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
  });

  it('78 for wrong settings, the keys of the service not among them', async () => {
    const { status, stderr } = await folder.command(['import', 'keys'], {
      NODE_ENV: 'production',
      LOG_LEVEL: 'loud',
    });
    expect([status, stderr.split('\n').map((line) => line.split(' ')[0])]).toEqual([
      78,
      ['LOG_LEVEL', 'DATABASE_URL', ''],
    ]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with %d, and says that it may be run again', async (signal, expected) => {
    const pipe = join(folder.path, 'slow.ndjson');
    spawnSync('mkfifo', [pipe]);
    const run = folder.run(programs.hospitalApi, ['import', pipe], settings);
    const writer = await open(pipe, 'w');
    await writer.write(patientLine('1'));
    run.process.kill(signal);
    await delay(300);
    await writer.write(patientLine('2')).catch(() => undefined);
    await writer.close();
    const { status, stdout, stderr } = await run.ended;
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toBe(
      `ended by ${signal}: what was loaded stays, and loading the same files again is safe\n`,
    );
  });

  it('brings exactly the changes of the second load to who asks with updated_since', async () => {
    await importFiles(...(await writeExtract()));
    await delay(5);
    const between = new Date().toISOString();
    const file = await folder.write(
      'Patient.ndjson',
      patientLine('1') + patientLine('2', 'New') + patientLine('3'),
    );
    await importFiles(file);
    const url = await urlOf(folder.serve(settings));
    const ask = async (collection: string) => {
      const response = await fetch(`${url}/${collection}?updated_since=${between}`, {
        headers: { 'x-api-key': keys[collection] ?? '' },
      });
      return (await response.json()) as { patient_id: string; version: number }[];
    };
    const changed = await ask('patients');
    // What one batch brings has no order of its own.
    expect(new Map(changed.map(({ patient_id: id, version }) => [id, version]))).toEqual(
      new Map([
        ['ehr:Patient:2', 2],
        ['ehr:Patient:3', 1],
      ]),
    );
    expect([await ask('appointments'), await ask('lab_results')]).toEqual([[], []]);
  });
});

describe('import without a service', { timeout: 60_000 }, () => {
  it('starts the embedded PostgreSQL for as long as it needs', async () => {
    const file = await folder.write('Patient.ndjson', patientLine('1'));
    const { status, stdout, stderr } = await folder.command(['import', '--json', file]);
    expect([status, countsOf(stdout)]).toMatchObject([0, { patients: [1, 0, 0, 0] }]);
    expect(stderr).toContain('"message":"embedded PostgreSQL"');
    const pid = join(folder.path, '.local/postgres/cluster/data/postmaster.pid');
    await expect(open(pid)).rejects.toThrow('ENOENT');
  });
});
