/** Each tool, for real, against the real service: what it pulls is what the store holds, whatever happens meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { airbyte } from './airbyte.js';
import { expectEqual } from './comparison.js';
import { dlt } from './dlt.js';
import { type Front, type Passed, startFront } from './front.js';
import { type Hospital, openHospital } from './hospital.js';
import { type PullClient, collections } from './pull-client.js';
import { singer } from './singer.js';

const tools = [
  { name: 'dlt', install: dlt, withoutDeleted: true },
  { name: 'Airbyte', install: airbyte, withoutDeleted: false },
  { name: 'Singer', install: singer, withoutDeleted: false },
];

/** No run of the story needs more: a paginator that loops is found here. */
const mostRequests = 60;

describe.each(tools)('$name', ({ install, withoutDeleted }) => {
  let folder: string;
  let hospital: Hospital;
  let front: Front;
  let client: PullClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hospital-clients-'));
    hospital = await openHospital({ patients: 1_200, appointments: 2_100, lab_results: 1_100 });
    front = await startFront({ target: hospital.service.url });
    client = install(folder);
  });
  afterAll(async () => {
    await front.close();
    await hospital.service.close();
    await rm(folder, { recursive: true });
  });

  async function pull(): Promise<readonly Passed[]> {
    front.takeRequests();
    await client.run({ baseUrl: front.url, keys: hospital.keys });
    const requests = front.takeRequests();
    expect(requests.length).toBeLessThan(mostRequests);
    return requests;
  }

  it('pulls everything', async () => {
    await pull();
    await expectEqual(hospital, client, { withoutDeleted });
  });

  it('asks at most twice a collection when nothing is new', async () => {
    const requests = await pull();
    for (const { listPath } of collections) {
      const asked = requests.filter(({ path }) => path === listPath).length;
      expect(asked).toBeGreaterThanOrEqual(1);
      expect(asked).toBeLessThanOrEqual(2);
    }
    await expectEqual(hospital, client, { withoutDeleted });
  });

  it('has what changed while it ran after its next run', async () => {
    await hospital.change(1_050);
    front.before(
      () => hospital.change(500),
      () => hospital.makePatientsInactive(50),
      () => hospital.retractLabResults(50),
    );
    await pull();
    await pull();
    await expectEqual(hospital, client, { withoutDeleted });
    const states = (await hospital.latest('patients')).map(({ record_state }) => record_state);
    expect(states.filter((state) => state === 'inactive')).toHaveLength(50);
  });

  it('goes on when the service is restarted in the middle', async () => {
    await hospital.change(1_060);
    let restarted: Promise<void> | undefined;
    front.before(
      () => Promise.resolve(),
      () =>
        new Promise((away) => {
          restarted = hospital.service.restart(() => awayFor(1_000, away));
        }),
    );
    await pull();
    expect(restarted).toBeDefined();
    await restarted;
    await expectEqual(hospital, client, { withoutDeleted });
  });

  it('takes the new keys after a rotation', async () => {
    await hospital.change(20);
    await hospital.replaceKeys();
    await pull();
    await expectEqual(hospital, client, { withoutDeleted });
  });

  it('waits as the service asks while it answers 503', async () => {
    await hospital.change(30);
    let back: Promise<void> | undefined;
    front.before(() => {
      back = hospital.withoutDatabase(2_500);
      return awayFor(200);
    });
    const requests = await pull();
    await back;
    expect(requests.map(({ status }) => status)).toContain(503);
    await expectEqual(hospital, client, { withoutDeleted });
  });
});

async function awayFor(ms: number, began: () => void = () => undefined): Promise<void> {
  began();
  await new Promise((fulfil) => setTimeout(fulfil, ms));
}
