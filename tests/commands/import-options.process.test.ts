/** What an operator can ask of `hospital-api import`, as a process. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { type Folder, makeFolder, programs, settingsFor } from './processes.js';
import { patientLine } from './resources.js';

let database: TestDatabase;
let folder: Folder;
let settings: Readonly<Record<string, string>>;
beforeEach(async () => {
  [database, folder] = await Promise.all([createDatabase(), makeFolder()]);
  settings = await settingsFor(folder, database.url);
});
afterEach(async () => {
  await folder.remove();
  await database.drop();
});

function importFiles(...args: readonly string[]) {
  return folder.command(['import', ...args], settings);
}

const mixed = `${patientLine('1')}{"resourceType":"Pat\n${patientLine('2')}{"x":1}\n`;

describe('import', { timeout: 30_000 }, () => {
  it('2 with the rejects in a file that only its owner may read, without the lines', async () => {
    const file = await folder.write('Mixed.ndjson', mixed);
    const rejects = join(folder.path, 'rejects.json');
    await writeFile(rejects, 'of the run before', { mode: 0o644 });
    const { status, stderr } = await importFiles('--rejects', rejects, '--quiet', file);
    expect([status, stderr, (await stat(rejects)).mode & 0o777]).toEqual([2, '', 0o600]);
    const lines = (await readFile(rejects, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file, line: 2, pointer: '', rule: 'json', reason: 'must be JSON' },
      {
        ...{ file, line: 4, pointer: '/resourceType', rule: 'resource' },
        reason: 'must name a FHIR resource type',
      },
    ]);
  });

  it('2 with the rejected lines themselves when that is asked for', async () => {
    const file = await folder.write('Mixed.ndjson', mixed);
    const rejects = join(folder.path, 'rejects.json');
    await importFiles('--rejects', rejects, '--keep-lines', file);
    expect(await readFile(rejects, 'utf8')).toContain('"text":"{\\"x\\":1}"');
  });

  it('1 when more are rejected than may be', async () => {
    const file = await folder.write('Mixed.ndjson', mixed);
    const { status, stderr } = await importFiles('--max-rejects', '1', file);
    expect([status, stderr.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      'stopped: more than 1 were rejected (--max-rejects). What was loaded stays; fix the extract or raise the limit, and load it again',
    ]);
  });

  it('1 when the rejects cannot be written', async () => {
    const file = await folder.write('Mixed.ndjson', mixed);
    const { status, stderr } = await importFiles('--rejects', '/nowhere/rejects.json', file);
    expect([status, stderr]).toEqual([
      1,
      '/nowhere/rejects.json cannot be written: name a file in a folder that exists and may be written\n',
    ]);
  });

  it('0 for a dry run that tells fields without values and stores nothing', async () => {
    const file = await folder.write('Patient.ndjson', patientLine('1'));
    await importFiles(file);
    const changed = await folder.write(
      'Changed.ndjson',
      patientLine('1', 'New') + patientLine('2'),
    );
    const before = await database.query('select * from record');
    const { status, stdout } = await importFiles('--dry-run', changed);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^would update patients\n {2}name\n {2}family_name\nwould create patients\n/,
    );
    expect(stdout).not.toContain('New');
    const told = await importFiles('--dry-run', '--show', '1', '--show-values', changed);
    expect(told.stdout).toContain('  family_name: "Example" -> "New"\n');
    expect(await database.query('select * from record')).toEqual(before);
  });

  it('1 when a full extract lacks more than may be missing, and marks nothing', async () => {
    const file = await folder.write('Patient.ndjson', patientLine('1') + patientLine('2'));
    await importFiles(file);
    const part = await folder.write('Part.ndjson', patientLine('1'));
    const { status, stdout } = await importFiles('--mark-missing', part);
    expect(status).toBe(1);
    expect(stdout).toContain('marked missing: none, because 1 of 2 Patient are not in the extract');
    const marked = await importFiles('--mark-missing', '--max-missing', '50%', part);
    expect([marked.status, marked.stdout]).toEqual([
      0,
      expect.stringContaining('marked missing: 1 of 2 Patient\n') as string,
    ]);
  });

  it('0 with the loads so far, the newest first', async () => {
    const file = await folder.write('Patient.ndjson', patientLine('1'));
    expect((await importFiles('--history')).stdout).toBe('no loads yet\n');
    await importFiles(file);
    const { stdout } = await importFiles('--history');
    expect(stdout).toMatch(
      /^load \d+ ehr \S+ [\d.]+ s mapping [0-9a-f]{12}\n.*Patient\.ndjson \d+ bytes sha256 [0-9a-f]{64}\n {2}patients read 1 created 1 /,
    );
    const loads = JSON.parse((await importFiles('--history', '--json')).stdout) as unknown[];
    expect(loads).toMatchObject([{ source: 'ehr', files: [{ name: file }] }]);
  });

  it('1 for numbers that are none', async () => {
    const { status, stderr } = await importFiles('--max-missing', '101', 'x');
    expect([status, stderr.split('\n')[0]]).toEqual([
      1,
      "error: option '--max-missing <percent>' argument '101' is invalid. Give a percentage from 0 to 100, such as 5.",
    ]);
  });

  it.each([
    ['--dry-run'],
    ['--mark-missing'],
    ['--max-rejects', '3'],
    ['--show-values'],
    ['--history'],
  ])('1 for --watch with %s, which is of one load, and nothing is touched', async (...option) => {
    await mkdir(join(folder.path, 'spool'));
    await folder.write('spool/Mixed.ndjson', mixed);
    const spool = join(folder.path, 'spool');
    const { status, stderr } = await importFiles('--watch', spool, ...option);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`--watch takes no ${option[0]}`)]);
    expect(await readdir(spool)).toEqual(['Mixed.ndjson']);
  });

  it('adds to the rejects of --watch, and has them on disk before the file is moved', async () => {
    const rejects = join(folder.path, 'rejects.json');
    await writeFile(rejects, '{"of":"the run before"}\n');
    await mkdir(join(folder.path, 'spool'));
    await folder.write('spool/Mixed.ndjson', mixed);
    const spool = join(folder.path, 'spool');
    const watching = folder.run(
      programs.hospitalApi,
      ['import', '--watch', spool, '--rejects', rejects],
      settings,
    );
    const moved = () => readdir(join(spool, 'rejected')).catch(() => []);
    await expect.poll(moved, { timeout: 20_000 }).toEqual(['Mixed.ndjson']);
    watching.process.kill('SIGKILL');
    await watching.ended;
    expect((await readFile(rejects, 'utf8')).trim().split('\n')).toHaveLength(3);
  });

  it('tells the length and SHA-256 of a whole CSV file that it refused', async () => {
    // More bytes than are read ahead.
    const rows = `unknown_field\n${`${'17'.repeat(300)}\n`.repeat(1_000)}`;
    for (const name of ['patients.csv', 'people.csv']) {
      const file = await folder.write(name, rows);
      expect((await importFiles('--quiet', file)).status).toBe(2);
    }
    const { stdout } = await importFiles('--history', '--json');
    const whole = { bytes: rows.length, sha256: createHash('sha256').update(rows).digest('hex') };
    const loads = JSON.parse(stdout) as readonly { readonly files: readonly object[] }[];
    expect(loads.flatMap(({ files }) => files)).toEqual([
      expect.objectContaining(whole),
      expect.objectContaining(whole),
    ]);
  });
});
