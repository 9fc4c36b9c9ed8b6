/** The versions of a secret in Google Secret Manager. */
import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import type { SecretName } from '../config.js';
import { crc32c } from './crc32c.js';
import { createGoogleClients } from './google-client.js';
import { isCode, statusCodes } from './google-fault.js';
import type { KeyVersion, KeyVersions } from './key-versions.js';
import { flagsOf, pathOf } from './secret-name.js';
import { SecretFault } from './secret-source.js';

const call = { timeout: 20_000 };

export function createGoogleVersions(name: SecretName, emulator: string | undefined): KeyVersions {
  const clients = createGoogleClients(emulator);
  const place = pathOf(name);
  const ask = async <Answer>(work: (client: SecretManagerServiceClient) => Promise<Answer>) => {
    try {
      return await work(await clients.of(name));
    } catch (error) {
      throw explained(error, name);
    }
  };
  return {
    place,
    list: () => ask(async (client) => versionsOf(client, place)),
    add: (key) =>
      ask(async (client) => {
        await createIfMissing(client, name);
        const data = Buffer.from(key);
        const payload = { data, dataCrc32c: crc32c(data) };
        const [added] = await client.addSecretVersion({ parent: place, payload }, call);
        return numberOf(added.name);
      }),
    disable: (version) =>
      ask(async (client) => {
        await client.disableSecretVersion({ name: `${place}/versions/${version}` }, call);
      }),
    close: () => clients.close(),
  };
}

async function versionsOf(
  client: SecretManagerServiceClient,
  parent: string,
): Promise<readonly KeyVersion[]> {
  try {
    const [versions] = await client.listSecretVersions({ parent }, call);
    return versions
      .map(({ name, state, createTime }) => ({
        version: numberOf(name),
        state: stateOf(state),
        createdMs: Number(createTime?.seconds ?? 0) * 1000,
      }))
      .sort((one, other) => Number(other.version) - Number(one.version));
  } catch (error) {
    if (isCode(error, statusCodes.NOT_FOUND)) return [];
    throw error;
  }
}

async function createIfMissing(client: SecretManagerServiceClient, name: SecretName) {
  const { project, location, secret: secretId } = name;
  try {
    await client.getSecret({ name: pathOf(name) }, call);
  } catch (error) {
    if (!isCode(error, statusCodes.NOT_FOUND)) throw error;
    const regional = location !== undefined;
    await client.createSecret(
      {
        parent: regional ? `projects/${project}/locations/${location}` : `projects/${project}`,
        secretId,
        secret: regional ? {} : { replication: { automatic: {} } },
      },
      call,
    );
  }
}

function stateOf(state: unknown): KeyVersion['state'] {
  if (state === 'ENABLED' || state === 1) return 'enabled';
  return state === 'DISABLED' || state === 2 ? 'disabled' : 'destroyed';
}

function numberOf(path: string | null | undefined): string {
  return path?.split('/').at(-1) ?? '';
}

function explained(error: unknown, name: SecretName): unknown {
  if (!isCode(error, statusCodes.PERMISSION_DENIED)) return error;
  const role = 'roles/secretmanager.secretVersionManager';
  return new SecretFault(
    'refused',
    `you may not change ${pathOf(name)}: you need ${role}, with: gcloud secrets add-iam-policy-binding ${flagsOf(name)} --member=user:YOU --role=${role} (and roles/secretmanager.admin on the project to make a secret)`,
  );
}
