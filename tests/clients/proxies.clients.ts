/** What proxies do on the way changes nothing that a tool pulls. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { airbyte } from './airbyte.js';
import { expectEqual } from './comparison.js';
import { dlt } from './dlt.js';
import { startFront } from './front.js';
import { openHospital } from './hospital.js';
import type { PullClient } from './pull-client.js';
import { singer } from './singer.js';

const tools: readonly (readonly [string, (folder: string) => PullClient])[] = [
  ['dlt', dlt],
  ['Airbyte', airbyte],
  ['Airbyte by NDJSON', (folder) => airbyte(folder, 'airbyte/manifest-ndjson.yaml')],
  ['Singer', singer],
];

const proxies = [
  { proxy: 'lower-cases header names', lowerCase: true },
  { proxy: 'adds a path prefix', prefix: '/hospital/v1' },
];

describe.each(proxies)('a proxy that $proxy', ({ lowerCase = false, prefix = '' }) => {
  it.each(tools)('changes nothing for %s', async (_name, install) => {
    const publicUrl = prefix === '' ? {} : { publicUrl: new URL(`https://api.example${prefix}`) };
    const sizes = { patients: 1_100, appointments: 10, lab_results: 1 };
    const hospital = await openHospital(sizes, { config: publicUrl });
    const front = await startFront({ target: hospital.service.url, lowerCase, prefix });
    const folder = await mkdtemp(join(tmpdir(), 'hospital-clients-'));
    try {
      const client = install(folder);
      await client.run({ baseUrl: front.url, keys: hospital.keys });
      await expectEqual(hospital, client);
    } finally {
      await rm(folder, { recursive: true });
      await front.close();
      await hospital.service.close();
    }
  });
});
