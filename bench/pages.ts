/** Pages of 100 and of 1000 from the start of a feed of 200,000 records. */
import { type Report, ratioOf } from './comparison.js';
import type { Dataset } from './dataset.js';
import { compareRequests, passed } from './requests.js';
import { hasWorkers, peersOf, serviceOn } from './servers.js';
import type { Toolchain } from './toolchain.js';

const one = 'this service, Node 24';
/** As many processes as Flask has, where the service can have them. */
const two = hasWorkers ? 'this service, Node 24, 2 workers' : one;
const flask = 'Flask + gunicorn, 2 workers';

export async function pages({ url }: Dataset, toolchain: Toolchain): Promise<readonly Report[]> {
  const { bare, express, fastify, flask: python } = peersOf(toolchain);
  const node24 = toolchain.node24 ?? process.execPath;
  const services = [serviceOn(one, node24), ...(hasWorkers ? [serviceOn(two, node24, 2)] : [])];
  const old = serviceOn('this service, Node 20', process.execPath);
  const others = python === undefined ? [] : [python];
  const notes = [
    ...(toolchain.node24 === undefined ? ['Node 24 is missing: this Node stands in for it'] : []),
    ...(hasWorkers ? [] : ['this service has one process, Flask has two']),
    ...(python === undefined ? ['Flask and gunicorn are missing: skipped'] : []),
  ];
  const hundred = await compareRequests({
    ...{ databaseUrl: url, path: '/lab_results?limit=100', rounds: 7, seconds: 2 },
    contenders: [...services, old, bare, express, fastify, ...others],
  });
  const counted = await passed();
  const thousand = await compareRequests({
    ...{ databaseUrl: url, path: '/lab_results?limit=1000', rounds: 7, seconds: 2 },
    contenders: [...services, ...others],
  });
  await passed();
  return [
    {
      title: 'Pages of 100 records of 200,000',
      unit: 'requests/s',
      results: hundred,
      checks: [
        {
          says: 'Flask + gunicorn, 2 workers',
          ratio: ratioOf(hundred, two, flask),
          least: 3,
        },
        { says: 'Fastify + pg', ratio: ratioOf(hundred, one, fastify.name), least: 2 },
        {
          says: 'bare node:http, the same SQL',
          ratio: ratioOf(hundred, one, bare.name),
          least: 0.85,
        },
        {
          says: 'Express alone, the same SQL',
          ratio: ratioOf(hundred, one, express.name),
          least: 0.95,
        },
        {
          says: 'openapi-backend’s requests of Express’s',
          ratio: counted['openapi-backend'] / counted.express,
          least: 1,
        },
      ],
      notes: [...notes, `${counted.express} requests passed Express, as many openapi-backend`],
    },
    {
      title: 'Pages of 1000 records of 200,000',
      unit: 'requests/s',
      results: thousand,
      checks: [
        {
          says: 'Flask + gunicorn, 2 workers',
          ratio: ratioOf(thousand, two, flask),
          least: 2.2,
        },
      ],
      notes,
    },
  ];
}
