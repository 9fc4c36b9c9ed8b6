/** Around a whole run of tests: a folder for what is printed, and in the end the check that no mark stands in it. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { knownFile, leaksIn } from './marks.js';

declare module 'vitest' {
  export interface ProvidedContext {
    printedFolder: string;
  }
}

export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'hospital-printed-'));
  project.provide('printedFolder', folder);
  return async () => {
    const faults = await leaksOf(folder);
    await rm(folder, { recursive: true });
    if (faults.length === 0) return;
    process.exitCode = 1;
    throw new Error(`Printed, and never to be printed:\n${faults.slice(0, 20).join('\n')}`);
  };
}

/** Operators ask these for records: the output is what they want. */
const showsRecords = [
  /^stdout of .* produce .*--dry-run/,
  /^stdout of .* import .*--show\b/,
  /^stdout of .* audit (?:show|export)\b/,
];

/** The ids of records that differ are what `reconcile` is asked for, and all that it may say of them. */
const namesRecords = /^stdout of .* reconcile\b/;
const finding = /^(\w+: (?:missing|stale|orphan)) \S+$/gm;

/** A line for each mark in what was printed, with who printed it. */
export async function leaksOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  const known = await readFile(join(folder, knownFile), 'utf8').catch(() => '');
  const keys = known.split('\n').filter((key) => key !== '');
  const faults: string[] = [];
  for (const name of names.filter((one) => one !== knownFile)) {
    const text = await readFile(join(folder, name), 'utf8');
    const title = text.slice(0, text.indexOf('\n'));
    if (showsRecords.some((pattern) => pattern.test(title))) continue;
    const whole = text.slice(title.length + 1);
    const printed = namesRecords.test(title) ? whole.replace(finding, '$1') : whole;
    const leaks = leaksIn(printed, keys);
    faults.push(...leaks.slice(0, 3).map(({ mark, line }) => `${mark} in ${title}: ${line}`));
  }
  return faults;
}
