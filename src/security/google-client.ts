/** Google Secret Manager as the source asks it: versions by number, each call within a deadline. */
import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import type { SecretName } from '../config.js';
import { crc32c } from './crc32c.js';
import { faultOf, isCode, statusCodes } from './google-fault.js';
import { pathOf } from './secret-name.js';
import { SecretFault } from './secret-source.js';
import type { Asked } from './version-search.js';

export interface GoogleClients {
  /** Who calls, where that can be told. */
  identity(name: SecretName): Promise<string | undefined>;
  /** The client of the endpoint that holds the secret: a region's own, or the global one. */
  of(name: SecretName): Promise<SecretManagerServiceClient>;
  close(): Promise<void>;
}

/** Loaded only here: a service whose keys are elsewhere starts without Google's packages. */
export function createGoogleClients(emulator: string | undefined): GoogleClients {
  const clients = new Map<string, Promise<SecretManagerServiceClient>>();
  const of = ({ location = '' }: SecretName) => {
    const known = clients.get(location) ?? openClient(location, emulator);
    clients.set(location, known);
    return known;
  };
  return {
    of,
    identity: async (name) => {
      if (emulator !== undefined) return undefined;
      const { client_email: email } = await (await of(name)).auth.getCredentials();
      return email;
    },
    close: async () => {
      for (const client of clients.values()) await (await client).close();
      clients.clear();
    },
  };
}

async function openClient(location: string, emulator: string | undefined) {
  const { SecretManagerServiceClient } = await import('@google-cloud/secret-manager');
  // Without a bound, a client that lost the server waits up to two minutes before it looks again.
  const channel = { 'grpc.max_reconnect_backoff_ms': 2_000 };
  if (emulator !== undefined) {
    const { credentials } = await import('@grpc/grpc-js');
    const { hostname, port } = new URL(`http://${emulator}`);
    return new SecretManagerServiceClient({
      ...channel,
      apiEndpoint: hostname,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
      // Never sent: without any, the client looks for an identity on the network.
      credentials: { client_email: 'nobody', private_key: 'none' },
    });
  }
  return new SecretManagerServiceClient({
    ...channel,
    ...(location !== '' && { apiEndpoint: `secretmanager.${location}.rep.googleapis.com` }),
  });
}

export interface AccessOptions {
  readonly clients: GoogleClients;
  readonly name: SecretName;
  /** The version's number, or `latest`: the last created. */
  readonly version: string;
  readonly deadlineMs: number;
}

/** @throws SecretFault when the version may not be read, cannot be reached, or arrives damaged */
export async function accessVersion(options: AccessOptions): Promise<Asked> {
  const { clients, name, version, deadlineMs } = options;
  const client = await clients.of(name);
  const path = `${pathOf(name)}/versions/${version}`;
  try {
    const [answer] = await client.accessSecretVersion(
      { name: path },
      // The key ring tries again by itself; the client's own retries overstep the deadline.
      { timeout: deadlineMs, retry: null },
    );
    const bytes = Buffer.from(answer.payload?.data ?? '');
    const sum = answer.payload?.dataCrc32c;
    if (sum !== undefined && sum !== null && String(sum) !== String(crc32c(bytes))) {
      throw new SecretFault('damaged', `${path} came with a wrong checksum; it is asked for again`);
    }
    return { kind: 'enabled', version: Number(answer.name?.split('/').at(-1)), bytes };
  } catch (error) {
    if (isCode(error, statusCodes.FAILED_PRECONDITION)) return { kind: 'disabled' };
    if (isCode(error, statusCodes.NOT_FOUND)) return { kind: 'absent' };
    throw error instanceof SecretFault
      ? error
      : await faultOf(error, name, () => clients.identity(name));
  }
}
