// The committed artifacts follow from the contract, and a stale one is named.
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  artifactsOf,
  bundleContract,
  staleArtifacts,
  writeArtifacts,
} from '../../tools/generate.js';
import { typedBundle as bundle } from './bundle.js';

describe('generate', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'generated-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('finds the committed artifacts fresh', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    expect(await staleArtifacts(await bundleContract(), root)).toEqual([]);
  }, 30_000);

  it('names an artifact that was edited', async () => {
    await writeArtifacts(bundle, folder);
    await appendFile(join(folder, 'generated/api.d.ts'), '// edited\n');
    expect(await staleArtifacts(bundle, folder)).toEqual(['generated/api.d.ts']);
  });

  it('names artifacts that are missing', async () => {
    expect(await staleArtifacts(bundle, folder)).toEqual(
      artifactsOf(bundle).map(({ file }) => file),
    );
  });

  it('names artifacts of a contract that has changed since', async () => {
    await writeArtifacts(bundle, folder);
    const changed = structuredClone(bundle);
    changed.paths = { ...changed.paths, '/extra': { get: { responses: {} } } };
    expect(await staleArtifacts(changed, folder)).toEqual([
      'generated/openapi.json',
      'generated/api.d.ts',
      'generated/clients/postman_collection.json',
    ]);
  });
});
