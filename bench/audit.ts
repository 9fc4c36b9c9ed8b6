/** What the access audit costs: pages of 100, each recorded before it leaves. */
import { type Report, ratioOf } from './comparison.js';
import type { Dataset } from './dataset.js';
import { compareRequests, passed } from './requests.js';
import { serviceOn } from './servers.js';
import type { Toolchain } from './toolchain.js';

const nameOf = (place: string) => `this service, AUDIT_LOG=${place}`;
const least = { stdout: 0.9, postgres: 0.8 } as const;

export async function audit({ url }: Dataset, { node24 }: Toolchain): Promise<readonly Report[]> {
  const service = (AUDIT_LOG: string) => {
    const contender = serviceOn(nameOf(AUDIT_LOG), node24 ?? process.execPath);
    return { ...contender, env: { ...contender.env, AUDIT_LOG } };
  };
  const results = await compareRequests({
    ...{ databaseUrl: url, path: '/lab_results?limit=100', rounds: 9, seconds: 2 },
    contenders: ['off', ...Object.keys(least)].map(service),
  });
  await passed();
  return [
    {
      title: 'Pages of 100 records of 200,000, by AUDIT_LOG',
      unit: 'requests/s',
      results,
      checks: Object.entries(least).map(([name, ratio]) => ({
        says: `${name}, of the throughput of off`,
        ratio: ratioOf(results, nameOf(name), nameOf('off')),
        least: ratio,
      })),
      notes: node24 === undefined ? ['Node 24 is missing: this Node stands in for it'] : [],
    },
  ];
}
