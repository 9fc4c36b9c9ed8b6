/** The service as a newcomer starts it: nothing configured, a PostgreSQL of its own. */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Folder, type Run, makeFolder, urlOf } from './processes.js';
import { patientLine } from './resources.js';

const runFile = promisify(execFile);

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

async function curlLines(service: Run): Promise<readonly string[]> {
  await service.line(/^curl .*lab_results\?limit=5'$/m);
  return service
    .output()
    .stdout.split('\n')
    .filter((line) => line.startsWith('curl '));
}

/** Pasted into a shell in the service's folder, as a reader would. */
async function paste(line: string): Promise<{ status: string; body: unknown }> {
  const asked = `${line} --silent --write-out '\n%{http_code}'`;
  const { stdout } = await runFile('sh', ['-c', asked], { cwd: folder.path });
  const end = stdout.lastIndexOf('\n');
  return { status: stdout.slice(end + 1), body: JSON.parse(stdout.slice(0, end)) as unknown };
}

async function localKeys(): Promise<readonly { name: string; key: string; mode: number }[]> {
  const names = (await readdir(join(folder.path, '.local/keys'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder.path, '.local/keys', name);
      const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
      return { name, key: text.trim(), mode: mode & 0o777 };
    }),
  );
}

describe('a service with nothing configured', { timeout: 60_000 }, () => {
  it('ends its start with a curl line for each collection, which answers 200 with demonstration records', async () => {
    const service = folder.serve();
    const lines = await curlLines(service);
    expect(service.output().stdout.trimEnd().split('\n').slice(-3)).toEqual(lines);
    expect(service.output().stdout).toMatch(/^Start page: http:\/\/127\.0\.0\.1:\d+\/$/m);
    const answers = await Promise.all(lines.map(paste));
    expect(lines.map((line) => /\/(\w+)\?limit=5'$/.exec(line)?.[1])).toEqual([
      'patients',
      'appointments',
      'lab_results',
    ]);
    expect(answers).toEqual(
      ['patient_id', 'appointment_id', 'lab_result_id'].map((idField) => ({
        status: '200',
        body: Array<unknown>(5).fill(
          expect.objectContaining({ [idField]: expect.stringMatching(/^demo:/) as string }),
        ),
      })),
    );
  });

  it('keeps its keys in files that only their owner can read, and prints none', async () => {
    const service = folder.serve();
    await curlLines(service);
    const found = await localKeys();
    expect(found.map(({ name, mode }) => [name, mode])).toEqual([
      ['appointments_api_key', 0o600],
      ['lab_results_api_key', 0o600],
      ['patients_api_key', 0o600],
    ]);
    const { stdout, stderr } = service.output();
    for (const { key } of found) {
      expect(key.length).toBeGreaterThanOrEqual(32);
      expect(stdout + stderr).not.toContain(key);
    }
  });

  it('78 for a second one in the same folder, which says who holds it and how to share', async () => {
    const first = folder.serve();
    await urlOf(first);
    const second = await folder.serve().ended;
    expect(second.status).toBe(78);
    expect(second.stderr).toMatch(
      new RegExp(`^another service \\(pid ${first.process.pid ?? ''}, .*DATABASE_URL.*\\n$`),
    );
    expect((await curlLines(first)).length).toBe(3);
  });

  it('serves what an import beside it loads', async () => {
    const service = folder.serve({ DEMO_DATA: 'false' });
    const [line = ''] = await curlLines(service);
    const file = await folder.write('Patient.ndjson', patientLine('7'));
    const before = await paste(line);
    const load = await folder.command(['import', file, '--source', 'clinic']);
    const after = await paste(line);
    expect([before.body, load.status]).toEqual([[], 0]);
    expect(after.body).toMatchObject([{ patient_id: 'clinic:Patient:7', version: 1 }]);
  });

  it('starts again after kill -9, with its records', async () => {
    const killed = folder.serve();
    const [line = ''] = await curlLines(killed);
    const before = await paste(line);
    killed.process.kill('SIGKILL');
    await killed.ended;
    const again = folder.serve();
    const [lineAgain = ''] = await curlLines(again);
    expect(await paste(lineAgain)).toEqual(before);
  });

  it('0 at SIGTERM, and its PostgreSQL ends with it', async () => {
    const service = folder.serve();
    await urlOf(service);
    service.process.kill('SIGTERM');
    const { status } = await service.ended;
    const files = await readdir(join(folder.path, '.local/postgres/cluster/data'));
    expect([status, files.includes('postmaster.pid')]).toEqual([0, false]);
  });
});
