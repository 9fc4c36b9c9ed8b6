/** Keys in Google Secret Manager: the newest enabled version of each secret and the one before it, or a pinned one. */
import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import type { SecretName } from '../../config/config.js';
import { textOfKey } from '../key-ring.js';
import {
  absentError,
  accessVersion,
  addCommand,
  type Asked,
  crc32c,
  createGoogleClients,
  type Enabled,
  isCode,
  searchVersions,
  statusCodes,
} from './google-client.js';
import {
  flagsOf,
  type KeyVersion,
  type KeyVersions,
  pathOf,
  SecretError,
  type SecretKey,
  type SecretSource,
} from './secret-source.js';

export interface GoogleSourceOptions {
  /** The full name of each secret id's secret. */
  readonly names: ReadonlyMap<string, SecretName>;
  /** `host:port` of a local server without TLS in place of Google's. */
  readonly emulator: string | undefined;
  readonly callDeadlineMs?: number;
}

export function createGoogleSource(options: GoogleSourceOptions): SecretSource {
  const { names, emulator, callDeadlineMs: deadlineMs = 5_000 } = options;
  const clients = createGoogleClients(emulator);
  /** The last created version of each secret, where the next search begins. */
  const lastVersions = new Map<string, number>();
  const nameOf = (secretId: string): SecretName => {
    const name = names.get(secretId);
    if (name === undefined) throw new Error(`no full name for the secret ${secretId}`);
    return name;
  };
  return {
    read: async (secretId) => {
      const name = nameOf(secretId);
      const ask = (version: string) => accessVersion({ clients, name, version, deadlineMs });
      if (name.version !== 'latest') return keysOf(await pinned(name, ask));
      const from = lastVersions.get(secretId) ?? (await hint(ask));
      const { last, enabled } = await searchVersions((version) => ask(String(version)), from);
      lastVersions.set(secretId, last);
      if (last === 0) throw absentError(name);
      return keysOf(enabled);
    },
    remedy: (secretId) => addCommand(nameOf(secretId)),
    close: () => clients.close(),
  };
}

type Ask = (version: string) => Promise<Asked>;

/** `latest` may lag behind, and fails while the last created version is disabled: it only tells where to begin. */
async function hint(ask: Ask): Promise<number> {
  const latest = await ask('latest');
  return latest.kind === 'enabled' ? latest.version : 0;
}

async function pinned(name: SecretName, ask: Ask): Promise<readonly Enabled[]> {
  const asked = await ask(name.version);
  if (asked.kind === 'absent') throw absentError(name);
  return asked.kind === 'enabled' ? [asked] : [];
}

function keysOf(enabled: readonly Enabled[]): readonly SecretKey[] {
  return enabled.map(({ version, bytes }) => ({
    value: textOfKey(bytes),
    version: String(version),
  }));
}

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
  return new SecretError(
    'refused',
    `you may not change ${pathOf(name)}: you need ${role}, with: gcloud secrets add-iam-policy-binding ${flagsOf(name)} --member=user:YOU --role=${role} (and roles/secretmanager.admin on the project to make a secret)`,
  );
}
