/** Secret Manager away, back again, and the clock that decides how long keys go on. */
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type GoogleService, nameOf, startGoogleService } from '../support/google-keys.js';
import { keys } from '../support/service.js';

const right = keys.patients ?? '';
let service: GoogleService | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

function createClock() {
  let nowMs = Date.parse('2026-03-01T00:00:00Z');
  return {
    now: () => nowMs,
    pass: (minutes: number) => {
      nowMs += minutes * 60_000;
    },
  };
}

/** A timer of the service's does what is waited for. */
const soon = { timeout: 10_000 };

describe('Secret Manager stopped', () => {
  it('200 for ten minutes, 503 past the maximum age, never 401, and 200 once it is back', async () => {
    const clock = createClock();
    const running = (service = await startGoogleService({
      now: clock.now,
      rules: { maxAgeMs: 15 * 60_000 },
    }));
    running.manager.stop();
    const statuses: number[] = [];
    for (let minute = 0; minute < 10; minute += 1) {
      clock.pass(1);
      statuses.push(await running.statusOf('/patients', right));
    }
    expect(statuses).toEqual(Array<number>(10).fill(200));
    clock.pass(6);
    const refused = await running.fetch('/patients', { key: right });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(refused.text).not.toContain('api_key');
    expect((await running.fetch('/patients', { key: 'wrong-0123456789' })).status).toBe(503);
    expect((await running.fetch('/health/ready')).status).toBe(503);
    await running.manager.start();
    const later = async () => {
      clock.pass(0.1);
      const { status: ready } = await running.fetch('/health/ready');
      return [await running.statusOf('/patients', right), ready];
    };
    await expect.poll(later, { timeout: 8_000, interval: 300 }).toEqual([200, 200]);
  });

  it('warns once a minute for each secret, and says what would mend it', async () => {
    const clock = createClock();
    const running = (service = await startGoogleService({ now: clock.now }));
    running.manager.faults.code = status.UNAVAILABLE;
    const warnings = () =>
      running
        .logLines()
        .filter(
          ({ fault, message }) => fault === 'unreachable' && String(message).includes('patients'),
        );
    const readings = () =>
      running.manager.accesses.filter((name) => name.startsWith(nameOf('patients_api_key'))).length;
    for (let minute = 1; minute <= 3; minute += 1) {
      clock.pass(1);
      await expect.poll(warnings, soon).toHaveLength(minute);
      const before = readings();
      clock.pass(1 / 3);
      await expect.poll(readings, soon).toBeGreaterThan(before);
    }
    expect(warnings()).toHaveLength(3);
    expect(warnings()[0]).toMatchObject({ severity: 'WARNING', keysKnown: 1 });
  });
});

describe('a refresh that is long due', () => {
  it('401 at once with a key that was disabled while the instance had no processor', async () => {
    const clock = createClock();
    const running = (service = await startGoogleService({ now: clock.now }));
    running.add('patients_api_key', 'the-next-one-0123456789');
    running.manager.secrets.setState(`${nameOf('patients_api_key')}/versions/1`, 'DISABLED');
    clock.pass(180);
    expect(await running.statusOf('/patients', right)).toBe(401);
  });
});

describe('a permission withdrawn', () => {
  it('200 with the keys known, and a warning that names the role', async () => {
    const clock = createClock();
    const running = (service = await startGoogleService({ now: clock.now }));
    running.manager.faults.denied.add(nameOf('patients_api_key'));
    clock.pass(2);
    expect(await running.statusOf('/patients', right)).toBe(200);
    const warnings = () => running.logLines().filter(({ fault }) => fault === 'refused');
    await expect.poll(warnings, soon).toHaveLength(1);
    expect(warnings()[0]?.message).toContain('roles/secretmanager.secretAccessor');
  });
});

describe('a secret deleted', () => {
  it('401: that there is none is an answer, and ends its keys', async () => {
    const clock = createClock();
    const running = (service = await startGoogleService({ now: clock.now }));
    running.manager.secrets.delete(nameOf('patients_api_key'));
    clock.pass(2);
    expect(await running.statusOf('/patients', right)).toBe(401);
    const ready = await running.fetch('/health/ready');
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { errors: [{ dependency: 'keys', detail: 'no key of patients is known' }] },
    ]);
    expect(ready.text).not.toContain('api_key');
  });
});

describe('a bad key among good ones', () => {
  it.each([
    ['too short', 'short'],
    ['not ASCII', 'schlüssel-0123456789'],
    ['empty', ''],
  ])(
    '200 with the key before one that is %s, which opens nothing and is told in the log',
    async (_, bad) => {
      const running = (service = await startGoogleService({
        secrets: { patients_api_key: [bad] },
      }));
      expect(await running.statusOf('/patients', right)).toBe(200);
      const told = running.logLines().filter(({ secret }) => secret === 'patients_api_key');
      expect(told).toHaveLength(1);
      expect(told[0]?.message).toContain('version 2 of patients_api_key ');
      if (bad !== '')
        expect(JSON.stringify(running.logLines())).not.toContain(bad === 'short' ? '"short"' : bad);
    },
  );
});

describe('a late start', () => {
  it('503 until the keys can be read, then 200 without a restart', async () => {
    const clock = createClock();
    const running = (service = await startGoogleService({
      now: clock.now,
      rules: { lateStart: true },
      provoke: (manager) => {
        manager.faults.code = status.UNAVAILABLE;
      },
    }));
    const before = await running.statusOf('/patients', right);
    const ready = await running.fetch('/health/ready');
    running.manager.faults.code = undefined;
    clock.pass(1);
    const after = await running.statusOf('/patients', right);
    expect([before, ready.status, after]).toEqual([503, 503, 200]);
  });
});
