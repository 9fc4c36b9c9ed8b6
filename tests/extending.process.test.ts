/** docs/extending.md, tried literally in a copy of the project: a field, and a collection. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const parts = [
  'api-spec',
  'mocks',
  'src',
  'packages',
  'tests',
  'tools',
  'bench',
  'generated',
  'docs',
];
const files = ['package.json', 'tsconfig.json', 'redocly.yaml', 'vitest.config.ts'];
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'extending-'));
  for (const name of [...parts, ...files]) await cp(name, join(copy, name), { recursive: true });
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
  // The reference page has to be there; which collections it shows is not what is tried here, so nothing is built anew.
  await cp('dist/docs.html', join(copy, 'dist/docs.html'));
  await writeFile(join(copy, 'dist/.built'), '');
  const later = new Date(Date.now() + 3_600_000);
  await utimes(join(copy, 'dist/.built'), later, later);
});
afterAll(() => rm(copy, { recursive: true }));

/** Ends well whatever the script's status. */
async function run(script: string): Promise<{ readonly status: number; readonly output: string }> {
  const env = { ...process.env, NO_COLOR: '1', VITEST: undefined };
  const options = { cwd: copy, env, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await promisify(execFile)('bash', ['-ec', script], options);
    return { status: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout + stderr };
  }
}

describe('a field', { timeout: 300_000 }, () => {
  it('leads from the schema to the mapping, the test records and the examples', async () => {
    const schema = join(copy, 'api-spec/components/schemas/Patient.yaml');
    const before = await readFile(schema, 'utf8');
    const field = `  nickname:\n    type: [string, 'null']\n    description: What the patient is called.\n    maxLength: 64\n    x-phi: direct\n    example: Ada\n  family_name:`;
    await writeFile(
      schema,
      before
        .replace('  - family_name', '  - nickname\n  - family_name')
        .replace('  family_name:', field),
    );
    const types = await run('npm run generate && npm run typecheck');
    const examples = await run('npx vitest run --project=quick tests/api-spec/examples');
    await writeFile(schema, before);
    const reverted = await run('npm run generate');
    const named = [...types.output.matchAll(/^(\S+\.ts)\(.*nickname/gm)].map(([, file]) => file);
    expect(new Set(named)).toEqual(
      new Set(['src/ingest/fhir/patients.ts', 'tests/support/records.ts']),
    );
    expect(examples.output).toContain("must have required property 'nickname'");
    expect(reverted.status).toBe(0);
  });
});

describe('a collection', { timeout: 300_000 }, () => {
  it('is served, checked and kept behind its key by the commands of the guide alone', async () => {
    const guide = await readFile('docs/extending.md', 'utf8');
    const commands = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) => text);
    const built = await run(commands.join('\n'));
    expect(built.status, built.output).toBe(0);
    // The score is the document's as a whole; this collection says as little as one may.
    const checks = await run(
      'npx redocly lint && npx vitest run --project=quick --project=process tests/http/every-answer tests/security/keys.test tests/api-spec --exclude tests/api-spec/score.process.test.ts --reporter=verbose',
    );
    expect(checks.output).toContain('Medications');
    expect(checks.status, checks.output).toBe(0);
  });
});
