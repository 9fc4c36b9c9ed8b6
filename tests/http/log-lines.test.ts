/** What the service logs, in the fields that Cloud Logging and Error Reporting know. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog, prettyDestination } from '../../src/log.js';
import { linesOf } from '../support/log-lines.js';
import { patient } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await service.write('patients', [patient('ehr:Patient:log-1')]);
});
afterAll(() => service.close());

async function lineOf(path: string, headers: Readonly<Record<string, string>> = {}) {
  const requestId = `log-${Math.random().toString(36).slice(2)}`;
  await service.fetch(path, {
    key: 'patients',
    headers: { ...headers, 'x-request-id': requestId },
  });
  const find = () => service.logLines().find((line) => line.requestId === requestId);
  await expect.poll(find).toBeDefined();
  return find();
}

describe('the access line', () => {
  it('has httpRequest and the client’s trace as Cloud Logging reads them', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const line = await lineOf('/patients?limit=5', { traceparent, 'user-agent': 'tests/1' });
    expect(line).toMatchObject({
      severity: 'INFO',
      message: 'request',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      httpRequest: {
        requestMethod: 'GET',
        requestUrl: '/patients?limit=5',
        status: 200,
        latency: expect.stringMatching(/^\d+\.\d{6}s$/) as string,
        responseSize: expect.stringMatching(/^\d+$/) as string,
        remoteIp: '127.0.0.1',
        userAgent: 'tests/1',
      },
      'logging.googleapis.com/trace': '0af7651916cd43dd8448eb211c80319c',
      'logging.googleapis.com/spanId': 'b7ad6b7169203331',
      'logging.googleapis.com/trace_sampled': true,
      'logging.googleapis.com/labels': { log: 'access' },
    });
  });

  it.each([
    ['/patients/ehr:Patient:log-1', '/patients/{patient_id}'],
    [
      '/patients?updated_since=2026-01-01T00:00:00Z&is_active=true',
      '/patients?updated_since&is_active=true',
    ],
    ['/patients?limit=Smith&Smith=1', '/patients?limit'],
    ['/patients/Smith/Smith', undefined],
  ])('%s is told as %s', async (path, told) => {
    const line = await lineOf(path);
    expect(line).toMatchObject({ httpRequest: { requestMethod: 'GET' } });
    expect((line?.httpRequest as { requestUrl?: string }).requestUrl).toBe(told);
    expect(JSON.stringify(line)).not.toMatch(/Smith|log-1"/);
  });

  it.each(['00-0-0-01', 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', ''])(
    'has no trace where traceparent is %j',
    async (traceparent) => {
      const line = await lineOf('/patients?limit=1', { traceparent });
      expect(Object.keys(line ?? {}).filter((key) => key.includes('trace'))).toEqual([]);
    },
  );
});

it('at a terminal a line is short, coloured and of local time, without what machines alone read', async () => {
  const output = new PassThrough();
  const destination = await prettyDestination(output);
  const log = createLog({ level: 'info', confidential: new Set(['dob']), destination });
  log.info({ labels: { log: 'access' }, operation: 'listPatients', dob: '1970-05-17' }, 'request');
  destination.end();
  output.end();
  const [line = '', ...more] = (await text(output)).trimEnd().split('\n');
  expect(more).toEqual([]);
  // eslint-disable-next-line no-control-regex
  expect(line.replaceAll(/\u001b\[\d+m/g, '')).toMatch(
    /^\[\d\d:\d\d:\d\d\] INFO: request \{"operation":"listPatients","dob":"\[redacted\]"\}$/,
  );
});

describe('an error', () => {
  function logged(error: Error): Record<string, unknown> | undefined {
    const { log, lines } = linesOf((destination) =>
      createLog({
        level: 'info',
        confidential: new Set(['dob']),
        destination,
        traceProject: 'hospital-prod',
        serviceContext: { service: 'hospital', version: '1.2.3' },
      }),
    );
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: false };
    log.error({ error, trace, found: [{ dob: '1970-05-17' }] }, 'a request failed');
    return lines()[0];
  }

  it('has a stack with its causes for Error Reporting, its trace’s full name, and no values', () => {
    const cause = Object.assign(new Error('disk full'), { code: 'ENOSPC', detail: 'Smith' });
    const line = logged(new TypeError('could not write', { cause }));
    expect(line).toMatchObject({
      severity: 'ERROR',
      serviceContext: { service: 'hospital', version: '1.2.3' },
      stack_trace: expect.stringMatching(
        /^TypeError: could not write\n\s+at [^]*\nCaused by: Error: disk full\n\s+at /,
      ) as string,
      error: {
        type: 'TypeError',
        message: 'could not write',
        cause: { type: 'Error', message: 'disk full', code: 'ENOSPC' },
      },
      found: [{ dob: '[redacted]' }],
      'logging.googleapis.com/trace': `projects/hospital-prod/traces/${'a'.repeat(32)}`,
    });
    expect(JSON.stringify(line)).not.toContain('Smith');
  });

  it('of a parser does not quote what it read', () => {
    let caught: unknown;
    try {
      JSON.parse('{"name":"Smith');
    } catch (error) {
      caught = error;
    }
    expect(JSON.stringify(logged(new Error('broken', { cause: caught })))).not.toContain('Smith');
  });
});
