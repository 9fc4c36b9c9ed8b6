/** Spans that a collector gets: of the caller's trace, down to the statements, without a patient's values. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Collector, type SentSpan, startCollector } from '../support/collector.js';
import { patient } from '../support/records.js';
import { type TestService, startService, telemetry } from '../support/service.js';

let collector: Collector;
let service: TestService;
beforeAll(async () => {
  collector = await startCollector();
  const { url } = collector;
  const sending = { url, headers: { 'x-collector': 'a' }, tracedShare: 0 };
  service = await startService({ config: { telemetry: { ...telemetry, collector: sending } } });
  await service.write('patients', [patient('traced-1')]);
});
afterAll(() => {
  collector.close();
});

const callerSpan = 'b7ad6b7169203331';

async function spansOf(traceId: string, path: string, flags = '01'): Promise<readonly SentSpan[]> {
  const traceparent = `00-${traceId}-${callerSpan}-${flags}`;
  const { status } = await service.fetch(path, { key: 'patients', headers: { traceparent } });
  if (status >= 500) throw new Error(`answered ${status}`);
  const own = () => collector.spans.filter((span) => span.traceId === traceId);
  if (flags === '01') await expect.poll(() => own().length, { timeout: 10_000 }).toBeGreaterThan(1);
  return own();
}

function attributesOf({ attributes }: SentSpan): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

describe('spans', () => {
  it('have the caller’s span as parent, and statements have the request’s', async () => {
    const spans = await spansOf('1'.repeat(32), '/patients/ehr:Patient:traced-1?');
    const request = spans.find(({ kind }) => kind === 2);
    const statement = spans.find(({ kind }) => kind === 3);
    expect(request).toMatchObject({ name: 'GET /patients/{patient_id}', parentSpanId: callerSpan });
    expect(request && attributesOf(request)).toMatchObject({
      'http.route': '/patients/{patient_id}',
      'http.response.status_code': 200,
      'hospital.operation': 'getPatient',
      'hospital.consumer': 'default',
    });
    expect(statement).toMatchObject({ name: 'record patients', parentSpanId: request?.spanId });
    expect(statement && attributesOf(statement)).toEqual({
      'db.system.name': 'postgresql',
      'db.query.summary': 'record patients',
    });
  });

  it('of an export hold its transactions', async () => {
    await service.fetch('/patients', { key: 'patients' });
    const traceId = '2'.repeat(32);
    await service.fetch('/patients', {
      key: 'patients',
      headers: { accept: 'application/x-ndjson', traceparent: `00-${traceId}-${callerSpan}-01` },
    });
    const names = () =>
      collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name);
    await expect.poll(names, { timeout: 10_000 }).toContain('snapshot');
  });

  it('stand in the log line, in place of the caller’s', async () => {
    const traceId = '3'.repeat(32);
    const spans = await spansOf(traceId, '/patients?limit=1');
    const line = service
      .logLines()
      .find((one) => one['logging.googleapis.com/trace'] === traceId && one.message === 'request');
    expect(line).toMatchObject({
      'logging.googleapis.com/spanId': spans.find(({ kind }) => kind === 2)?.spanId,
      'logging.googleapis.com/trace_sampled': true,
    });
  });

  it('are none where the caller’s trace is not sampled, nor where there is none and the share is 0', async () => {
    expect(await spansOf('4'.repeat(32), '/patients?limit=1', '00')).toEqual([]);
    const before = collector.spans.length;
    await service.fetch('/patients?limit=1', { key: 'patients' });
    await spansOf('5'.repeat(32), '/patients?limit=1');
    const others = collector.spans.slice(before).filter((span) => span.traceId !== '5'.repeat(32));
    expect(others).toEqual([]);
    expect(collector.spans.some((span) => span.traceId === '4'.repeat(32))).toBe(false);
  });
});

it('the collector gets metrics too, with its header fields, and nothing of a record', async () => {
  // What is left is sent before the service ends.
  await service.close();
  expect([...collector.metrics]).toContain('http.server.request.duration');
  expect(collector.headers.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/v1/traces', '/v1/metrics']),
  );
  expect(collector.headers.every((fields) => fields['x-collector'] === 'a')).toBe(true);
  expect(collector.text()).not.toMatch(/traced-1|ehr:|Ada|1970-05-17/);
});
