/** What the producer counts, scraped from its process and sent to a collector. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { prometheusName } from '../../src/telemetry/instruments.js';
import { producerInstruments } from '../../src/telemetry/producer-metrics.js';
import { type Folder, makeFolder, programs } from '../commands/processes.js';
import { startCollector } from '../support/collector.js';
import { type PubSubServer, startPubSub } from '../support/pubsub/server.js';
import { patient } from '../support/records.js';
import { scrape, valueOf } from '../support/scrape.js';
import { type TestService, startService } from '../support/service.js';
import { createSink } from '../support/sink/sink.js';

vi.setConfig({ testTimeout: 60_000 });

let service: TestService;
let folder: Folder;
let pubsub: PubSubServer;
beforeEach(async () => {
  service = await startService();
  folder = await makeFolder();
  pubsub = await startPubSub();
  const collections = readContract().collections.map(({ name }) => name);
  createSink({ broker: pubsub.broker, project: 'hospital', collections });
  await service.write('patients', [patient('1'), patient('2')]);
});
afterEach(async () => {
  await folder.remove();
  pubsub.stop();
  await service.close();
});

const settings = () => ({
  SERVICE_URL: service.url,
  PUBSUB_PROJECT: 'hospital',
  PUBSUB_EMULATOR_HOST: pubsub.host,
  API_KEYS_DIR: service.keysFolder,
  CHECKPOINT: join(folder.path, 'checkpoint.json'),
});
const names = Object.values(producerInstruments).map(({ name }) => name);
const patients = { hospital_collection: 'patients' };

it('tells at METRICS_PORT what was acknowledged, tried again and saved, and how far behind it is', async () => {
  const run = folder.run(programs.hospitalApi, ['produce', '--quiet'], {
    ...settings(),
    METRICS_PORT: '0',
  });
  const urlLine = /"metricsUrl":"(http:[^"]+)"/;
  await expect.poll(() => run.output().stderr, { timeout: 20_000 }).toMatch(urlLine);
  const [, url = ''] = urlLine.exec(run.output().stderr) ?? [];
  const counted = async (name: string) => valueOf(await scrape(url), name, patients);
  await expect.poll(() => counted('hospital_producer_messages_total'), { timeout: 20_000 }).toBe(2);
  await expect.poll(() => counted('hospital_producer_lag_seconds')).toBe(0);
  expect(await counted('hospital_producer_sent_bytes_total')).toBeGreaterThan(500);
  expect(await counted('hospital_producer_checkpoints_total')).toBe(1);
  await service.restart(async () => {
    const retries = async () =>
      valueOf(await scrape(url), 'hospital_producer_retries_total', {
        ...patients,
        hospital_step: 'read',
      });
    await expect.poll(retries, { timeout: 20_000 }).toBeGreaterThan(0);
  });
  const told = new Set((await scrape(url)).map(({ name }) => name.replace(/_total$/, '')));
  for (const { name, unit } of Object.values(producerInstruments)) {
    expect(told).toContain(prometheusName(name, unit));
  }
});

it('sends what is left to the collector before --once ends', async () => {
  const collector = await startCollector();
  const ended = await folder.command(['produce', '--once', '--quiet'], {
    ...settings(),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  expect(ended).toMatchObject({ status: 0 });
  collector.close();
  expect([...collector.metrics].sort()).toEqual([...names].sort());
});

it('1 where METRICS_PORT is taken, with what to set', async () => {
  const port = new URL(service.url).port;
  const ended = await folder.command(['produce', '--once'], { ...settings(), METRICS_PORT: port });
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('set METRICS_PORT to another');
});
