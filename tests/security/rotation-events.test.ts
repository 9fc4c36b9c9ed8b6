/** Events of changed secrets, by the real Pub/Sub client: a disabled key ends at once, not at the next refresh. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type GoogleService, nameOf, startGoogleService } from '../support/google-keys.js';
import { type RotationTopic, startRotationTopic } from '../support/rotation-topic.js';
import { keys } from '../support/service.js';

let topic: RotationTopic;
let service: GoogleService;
beforeAll(async () => {
  topic = await startRotationTopic();
  vi.stubEnv('PUBSUB_EMULATOR_HOST', topic.host);
  service = await startGoogleService({
    rules: { rotationSubscription: 'projects/hospital/subscriptions/api-key-changes' },
  });
  await vi.waitUntil(() => topic.readers() > 0, { timeout: 10_000 });
});
afterAll(async () => {
  await service.close();
  topic.close();
  vi.unstubAllEnvs();
});

it('401 soon after the event of a disabled version, though the next refresh is a minute away', async () => {
  const key = keys.patients ?? '';
  service.add('patients_api_key', 'the-next-one-0123456789');
  service.manager.secrets.setState(`${nameOf('patients_api_key')}/versions/1`, 'DISABLED');
  expect(await service.statusOf('/patients', key)).toBe(200);
  topic.publish({ eventType: 'SOMETHING_NEW', secretId: 'projects/1/secrets/patients_api_key' });
  topic.publish({
    eventType: 'SECRET_VERSION_DISABLE',
    secretId: 'projects/123456/secrets/patients_api_key',
    versionId: 'projects/123456/secrets/patients_api_key/versions/1',
  });
  await expect.poll(() => service.statusOf('/patients', key), { timeout: 5_000 }).toBe(401);
  expect(service.logLines().filter(({ message }) => message === 'a secret changed')).toHaveLength(
    1,
  );
});
