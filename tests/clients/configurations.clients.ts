/** The generated configurations pass each tool's own checks, and hold no key. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keys, startService, type TestService } from '../support/service.js';
import { source } from './airbyte.js';
import { type Row, collections, generated, messages, output, program } from './pull-client.js';
import { tap } from './singer.js';

let folder: string;
let service: TestService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hospital-clients-'));
  service = await startService();
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

const names = collections.map(({ name }) => name);

describe('dlt', () => {
  it('takes the source for a valid rest_api configuration, a resource for each key', async () => {
    const question = `
from hospital_streaming_api import hospital_streaming_api
source = hospital_streaming_api(base_url="http://127.0.0.1", ${names.map((name) => `${name}_key="k"`).join(', ')})
print({"names": list(source.resources), "keys": [r.compute_table_schema()["name"] for r in source.resources.values()]})
`;
    const printed = await dltPython(question);
    for (const name of names) expect(printed).toContain(`'${name}'`);
  });

  it('says which keys would be right when there is none', async () => {
    const question = `
from hospital_streaming_api import hospital_streaming_api
list(hospital_streaming_api(base_url="http://127.0.0.1"))
`;
    await expect(dltPython(question)).rejects.toThrow(/set at least one of patients_key/);
  });

  function dltPython(script: string): Promise<string> {
    const env = { PYTHONPATH: generated('dlt'), DLT_DATA_DIR: folder };
    return output(program('dlt', 'python'), ['-c', script], { cwd: folder, env });
  }
});

describe.each(['manifest.yaml', 'manifest-ndjson.yaml'])('Airbyte, %s', (file) => {
  const manifest = `airbyte/${file}`;

  it('validates the manifest and discovers every collection', async () => {
    const printed = await source(folder, manifest, 'discover', { baseUrl: service.url, keys });
    const [message] = messages(printed).filter(({ type }) => type === 'CATALOG');
    const { streams } = message?.catalog as { streams: readonly { name: string }[] };
    expect(streams.map(({ name }) => name)).toEqual(names);
  });

  it('tells a working connection from one with a wrong key', async () => {
    const right = await source(folder, manifest, 'check', { baseUrl: service.url, keys });
    expect(statusOf(right), right).toBe('SUCCEEDED');
    const wrongKeys = { ...keys, patients: 'a-wrong-key-0123456789' };
    const wrong = await source(folder, manifest, 'check', {
      baseUrl: service.url,
      keys: wrongKeys,
    });
    expect(statusOf(wrong)).toBe('FAILED');
  });

  function statusOf(printed: string): unknown {
    const [message] = messages(printed).filter(({ type }) => type === 'CONNECTION_STATUS');
    return (message?.connectionStatus as Row).status;
  }
});

describe('Singer', () => {
  it('discovers every collection', async () => {
    const printed = await tap(folder, ['--discover'], { baseUrl: service.url, keys });
    const { streams } = JSON.parse(printed) as { streams: readonly { tap_stream_id: string }[] };
    expect(streams.map(({ tap_stream_id }) => tap_stream_id).toSorted()).toEqual(names.toSorted());
  });
});

it('no configuration holds a key', async () => {
  const files = await readdir(generated('.'), { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const text = await readFile(join(file.parentPath, file.name), 'utf8');
    for (const key of Object.values(keys)) expect(text).not.toContain(key);
    // A key is 32 random bytes in base64url: nothing that looks like one stands anywhere.
    expect(text).not.toMatch(/["'\s][A-Za-z0-9_-]{43}["'\s]/);
  }
});
