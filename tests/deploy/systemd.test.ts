/** The units of deploy/systemd, held against systemd's own checks where there is one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'hospital-units-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The unit under the name of an instance, with the Node that is here. */
function unit(file: string, name: string): string {
  const text = readFileSync(join('deploy/systemd', file), 'utf8');
  const path = join(folder, name);
  writeFileSync(path, text.replace('/usr/bin/node', process.execPath));
  return path;
}

describe.skipIf(!isThere).each([
  ['hospital-api.service', 'hospital-api.service'],
  ['hospital-api@.service', 'hospital-api@patients.service'],
])('%s', (file, name) => {
  it('is a unit in which systemd finds no fault, and is exposed 2 of 10 at most', () => {
    const path = unit(file, name);
    const verified = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    const options = ['security', '--offline=true', '--threshold=20', '--no-pager', path];
    const { status, stdout } = spawnSync('systemd-analyze', options, { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('Overall exposure level')]);
  });
});
