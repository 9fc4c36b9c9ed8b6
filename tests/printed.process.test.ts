/** The watch over all that is printed while tests run: that it sees every printer, and finds what was planted. */
import { exec, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { createLog } from '../src/log.js';
import { programs } from './commands/processes.js';
import { linesOf } from './support/log-lines.js';
import { marked } from './support/marks.js';
import { leaksOf } from './support/printed-run.js';
import { labResult, patient } from './support/records.js';
import { keys } from './support/service.js';

async function isKept(text: string): Promise<boolean> {
  const folder = inject('printedFolder');
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  );
  return texts.some((kept) => kept.includes(text));
}

describe('what is printed is kept', () => {
  const unknown = (word: string) => [programs.hospitalApi, word];

  it('of processes, however they are started', async () => {
    await once(spawn(process.execPath, unknown('by-spawn')), 'close');
    await expect(promisify(execFile)(process.execPath, unknown('by-exec-file'))).rejects.toThrow();
    const line = [process.execPath, ...unknown('by-exec')].map((word) => `'${word}'`).join(' ');
    await expect(promisify(exec)(`${line} # ${programs.hospitalApi}`)).rejects.toThrow();
    expect(await isKept("unknown command 'by-spawn'")).toBe(true);
    expect(await isKept("unknown command 'by-exec-file'")).toBe(true);
    expect(await isKept("unknown command 'by-exec'")).toBe(true);
  });

  it('of services within the tests', async () => {
    const { log } = linesOf((destination) =>
      createLog({ level: 'info', confidential: new Set(), destination }),
    );
    log.info({}, 'kept of a log');
    expect(await isKept('kept of a log')).toBe(true);
  });
});

describe('the check at the end of a run', () => {
  async function leaksWith(title: string, text: string): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'hospital-planted-'));
    await writeFile(join(folder, 'printed.txt'), `${title}\nstarted\n${text}\n`);
    await writeFile(join(folder, 'known-keys'), 'a-key-made-by-chance\n');
    const leaks = await leaksOf(folder);
    await rm(folder, { recursive: true });
    return leaks.length;
  }

  const record = patient('planted').content;
  it.each([
    ['a patient', record.replace('ehr:Patient:planted', '')],
    ['a name', `found ${marked.name} twice`],
    ['a date of birth', `{"dob":"${marked.dob}"}`],
    ['a value', labResult('planted').content.replaceAll('ehr:', '')],
    ['a key', `key ${keys.patients ?? ''}`],
    ['a wrong key', 'x-api-key: wrong-0123456789'],
    ['a key that was made by chance', 'the key is a-key-made-by-chance'],
    ['a record’s id', '{"message":"request","id":"ehr:Observation:17"}'],
  ])('finds %s', async (_what, text) => {
    expect(await leaksWith('stdout of dist/main.js', text)).toBe(1);
  });

  it.each([
    [
      'ids of the audit',
      '{"logging.googleapis.com/labels":{"log":"audit"},"ids":["ehr:Patient:1"]}',
    ],
    [
      'an access line',
      '{"httpRequest":{"requestUrl":"/patients/{patient_id}"},"milliseconds":167.491}',
    ],
  ])('lets %s pass', async (_what, text) => {
    expect(await leaksWith('stdout of dist/main.js', text)).toBe(0);
  });

  it('lets what an operator asked to see pass, and no other output of the same command', async () => {
    const command = 'dist/commands/hospital-api.js produce --dry-run';
    expect(await leaksWith(`stdout of ${command}`, record)).toBe(0);
    expect(await leaksWith(`stderr of ${command}`, record)).toBe(1);
  });

  it('lets reconcile name records that differ on standard output, and say nothing else of them', async () => {
    const command = 'dist/commands/hospital-api.js reconcile --dataset p.d';
    const line = 'patients: missing ehr:Patient:1';
    expect(await leaksWith(`stdout of ${command}`, line)).toBe(0);
    expect(await leaksWith(`stderr of ${command}`, line)).toBe(1);
    expect(await leaksWith(`stdout of ${command}`, `${line} ${marked.name}`)).toBe(1);
  });
});
