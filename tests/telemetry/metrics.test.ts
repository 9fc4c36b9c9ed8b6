/** What can be scraped at METRICS_PORT of the real service, and what never stands in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instruments, prometheusName } from '../../src/telemetry/instruments.js';
import { labResult, patient } from '../support/records.js';
import { type Sample, scrape, valueOf } from '../support/scrape.js';
import { type TestService, startService, telemetry } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  const metrics = { host: '127.0.0.1', port: 0 };
  service = await startService({ config: { telemetry: { ...telemetry, metrics } } });
  await service.write('patients', [patient('metered-1'), patient('metered-2')]);
  await service.write('lab_results', [labResult('metered-3')]);
});
afterAll(() => service.close());

const ask = { key: 'patients' } as const;
const read = (): Promise<readonly Sample[]> => scrape(service.metricsUrl ?? '');
const duration = 'http_server_request_duration_seconds';
const page = {
  http_route: '/patients',
  hospital_operation: 'listPatients',
  hospital_answer: 'page',
};

describe('GET /metrics', () => {
  it('counts and times requests by operation, status and kind of answer', async () => {
    await service.fetch('/patients?limit=1', ask);
    await service.fetch('/patients?limit=x', ask);
    await service.fetch('/patients', { ...ask, headers: { accept: 'application/x-ndjson' } });
    await service.fetch('/patients', { ...ask, headers: { prefer: 'wait=0' } });
    await service.fetch('/patients', { key: 'wrong-0123456789' });
    const samples = await read();
    const count = (labels: Readonly<Record<string, string>>) =>
      valueOf(samples, `${duration}_count`, labels);
    expect(count({ ...page, http_response_status_code: '200' })).toBe(1);
    expect(count({ ...page, http_response_status_code: '400' })).toBe(1);
    expect(count({ ...page, http_response_status_code: '401' })).toBe(1);
    expect(count({ ...page, hospital_answer: 'export' })).toBe(1);
    expect(count({ ...page, hospital_answer: 'wait' })).toBe(1);
    const ofPage = { ...page, http_response_status_code: '200' };
    expect(valueOf(samples, `${duration}_bucket`, { ...ofPage, le: '+Inf' })).toBe(1);
    expect(valueOf(samples, `${duration}_sum`, ofPage)).toBeLessThan(10);
    expect(valueOf(samples, 'hospital_refusals_total', { hospital_refusal: 'unauthorized' })).toBe(
      1,
    );
    const byDefault = { hospital_consumer: 'default', hospital_operation: 'listPatients' };
    expect(valueOf(samples, 'hospital_consumer_requests_total', byDefault)).toBe(4);
    expect(valueOf(samples, 'http_server_active_requests')).toBe(0);
  });

  it('tells each feed’s position and how far each consumer is behind it', async () => {
    const { headers } = await service.fetch('/patients?limit=1', ask);
    const lag = async () =>
      valueOf(await read(), 'hospital_consumer_lag_seconds', {
        hospital_collection: 'patients',
        hospital_consumer: 'default',
      });
    await service.fetch('/patients', ask);
    expect(await lag()).toBe(0);
    await service.write('patients', [patient('metered-4')]);
    expect(await lag()).toBeGreaterThan(0);
    await service.fetch(`/patients?cursor=${headers.get('next-cursor') ?? ''}`, ask);
    expect(await lag()).toBe(0);
    const samples = await read();
    const of = { hospital_collection: 'patients' };
    const position = valueOf(samples, 'hospital_feed_position_seconds', of) ?? 0;
    expect(Math.abs(position - Date.now() / 1000)).toBeLessThan(60);
    expect(valueOf(samples, 'hospital_feed_age_seconds', of)).toBeLessThan(60);
    expect(valueOf(samples, 'hospital_consumer_position_seconds', of)).toBe(position);
  });

  it('counts long polls while they are held back', async () => {
    const held = service.fetch('/appointments', {
      key: 'appointments',
      headers: { prefer: 'wait=1' },
    });
    await expect.poll(async () => valueOf(await read(), 'hospital_waiting_readers')).toBe(1);
    expect(valueOf(await read(), 'http_server_active_requests')).toBe(1);
    await held;
    await expect.poll(async () => valueOf(await read(), 'hospital_waiting_readers')).toBe(0);
  });

  it('tells the age and the uses of keys by consumer and version', async () => {
    await service.fetch('/lab_results', { key: 'lab_results' });
    const samples = await read();
    const of = { hospital_scheme: 'lab_results', hospital_consumer: 'default' };
    expect(valueOf(samples, 'hospital_key_read_age_seconds', of)).toBeLessThan(60);
    expect(valueOf(samples, 'hospital_key_last_use_age_seconds', of)).toBeLessThan(60);
    expect(valueOf(samples, 'hospital_key_uses_total', of)).toBe(1);
  });

  it('has every metric of the table with no other labels, and connections by pool and state', async () => {
    await service.fetch('/patients', ask);
    const samples = await read();
    const table = Object.values(instruments).map(({ name, unit, attributes }) => {
      const labels = [...attributes, 'le'].map((attribute) => attribute.replaceAll('.', '_'));
      return { base: prometheusName(name, unit), labels: new Set(labels) };
    });
    const names = new Set(samples.map(({ name }) => name));
    const missing = table.filter(
      ({ base }) => !['', '_total', '_count'].some((end) => names.has(base + end)),
    );
    // Told where there is a replica: tests/store/replica.process.test.ts.
    expect(missing.map(({ base }) => base)).toEqual(['hospital_replica_lag_seconds']);
    const unknown = samples.filter(({ name, labels }) => {
      const family = name.replace(/_(?:total|bucket|sum|count)$/, '');
      const of = table.find(({ base }) => base === name || base === family);
      return name !== 'target_info' && !Object.keys(labels).every((label) => of?.labels.has(label));
    });
    expect(unknown).toEqual([]);
    const idle = { db_client_connection_pool_name: 'read', db_client_connection_state: 'idle' };
    expect(valueOf(samples, 'db_client_connection_count', idle)).toBeGreaterThan(0);
  });

  it('has no more series after 300 requests of different paths, ids, methods and keys, and none of their values', async () => {
    const odd = async (index: number) => {
      await service.fetch(`/patients/ehr:Patient:odd-${index}`, ask);
      await service.fetch(`/odd-${index}`, ask);
      await service.fetch(`/patients?limit=1&updated_since=2026-01-01T00:00:00.${index + 1}Z`, {
        key: `odd-key-0123456789-${index}`,
        headers: { 'x-request-id': `odd-${index}`, 'user-agent': `odd-${index}` },
      });
    };
    await odd(0);
    const before = (await read()).length;
    for (let index = 1; index < 100; index += 1) await odd(index);
    const after = await read();
    // Wrong keys are limited in the end: their 429 has series of its own.
    const limited = after.filter(({ labels }) => labels.http_response_status_code === '429');
    expect(after.length - limited.length).toBe(before);
    expect(JSON.stringify(after)).not.toMatch(/odd-|metered|ehr:/);
  });

  it('404 for every other path, and no metrics at the public port', async () => {
    const { origin } = new URL(service.metricsUrl ?? '');
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await service.fetch('/metrics')).status).toBe(404);
  });
});
