/** One record by its id. */
import { type Report, ratioOf } from './comparison.js';
import type { Dataset } from './dataset.js';
import { compareRequests, passed } from './requests.js';
import { hasWorkers, peersOf, serviceOn } from './servers.js';
import type { Toolchain } from './toolchain.js';

export async function record(
  { url, id }: Dataset,
  toolchain: Toolchain,
): Promise<readonly Report[]> {
  const { fastify, flask } = peersOf(toolchain);
  const node24 = toolchain.node24 ?? process.execPath;
  const one = serviceOn('this service, Node 24', node24);
  const two = hasWorkers ? serviceOn('this service, Node 24, 2 workers', node24, 2) : one;
  const results = await compareRequests({
    ...{ databaseUrl: url, path: `/lab_results/${id}`, rounds: 7, seconds: 2 },
    contenders: [
      one,
      ...(hasWorkers ? [two] : []),
      fastify,
      ...(flask === undefined ? [] : [flask]),
    ],
  });
  await passed();
  return [
    {
      title: 'One record of 200,000 by its id',
      unit: 'requests/s',
      results,
      checks: [
        {
          says: 'Flask + gunicorn, 2 workers',
          ratio: ratioOf(results, two.name, flask?.name ?? ''),
          least: 2,
        },
      ],
      notes: flask === undefined ? ['Flask and gunicorn are missing: skipped'] : [],
    },
  ];
}
