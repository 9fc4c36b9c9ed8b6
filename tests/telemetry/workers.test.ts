/** Workers of one service: each has metrics of its own, at the next free port. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from '../commands/processes.js';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const server = new URL('../../dist/telemetry/metrics-server.js', import.meta.url).href;
const script = `
import cluster from 'node:cluster';
import { serveMetrics } from '${server}';
const start = () => cluster.fork().once('message', (url) => process.stdout.write('at ' + url + '\\n'));
if (cluster.isPrimary) {
  const first = start();
  first.once('message', start);
  first.once('message', start);
} else {
  const { url } = await serveMetrics({ host: '127.0.0.1', port: Number(process.env.FROM), read: async () => 'worker ' + cluster.worker.id });
  process.send(url);
}
`;

it('three ports from METRICS_PORT on, and another worker behind each', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  // A server that listens on a TCP port has an address of this form.
  const { port } = taken.address() as AddressInfo;
  const file = await folder.write('crew.mjs', script);
  const run = folder.run(file, [], { FROM: String(port) });
  await run.line(/(?:^at .*\n){3}/m);
  const urls = [...run.output().stdout.matchAll(/^at (.*)$/gm)].map(([, url = '']) => url);
  const ports = urls.map((url) => Number(new URL(url).port)).sort();
  expect(Math.min(...ports)).toBeGreaterThan(port);
  expect(new Set(ports).size).toBe(3);
  const answers = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  expect(answers.sort()).toEqual(['worker 1', 'worker 2', 'worker 3']);
  taken.close();
});
