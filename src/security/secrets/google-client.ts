/** Google Secret Manager as the source asks it: versions by number, each call within a deadline. */
import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import type { SecretName } from '../../config/config.js';
import { flagsOf, pathOf, SecretError } from './secret-source.js';

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

/** @throws SecretError when the version may not be read, cannot be reached, or arrives damaged */
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
      throw new SecretError('damaged', `${path} came with a wrong checksum; it is asked for again`);
    }
    return { kind: 'enabled', version: Number(answer.name?.split('/').at(-1)), bytes };
  } catch (error) {
    if (isCode(error, statusCodes.FAILED_PRECONDITION)) return { kind: 'disabled' };
    if (isCode(error, statusCodes.NOT_FOUND)) return { kind: 'absent' };
    throw error instanceof SecretError
      ? error
      : await faultOf(error, name, () => clients.identity(name));
  }
}

/** @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const statusCodes = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  UNAUTHENTICATED: 16,
} as const;

type StatusCode = (typeof statusCodes)[keyof typeof statusCodes];

export function isCode(error: unknown, code: StatusCode): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

type Identity = () => Promise<string | undefined>;

/** The cause is left out of the fault: it holds the call's metadata. */
async function faultOf(
  error: unknown,
  name: SecretName,
  askIdentity: Identity,
): Promise<SecretError> {
  const place = pathOf(name);
  const words = error instanceof Error ? firstLine(error.message) : String(error);
  if (isCode(error, statusCodes.PERMISSION_DENIED)) {
    return deniedError(name, await soon(askIdentity));
  }
  if (isCode(error, statusCodes.UNAUTHENTICATED) || words.includes('default credentials')) {
    return new SecretError(
      'refused',
      `the service has no identity to read ${place} with: run it under a service account that has roles/secretmanager.secretAccessor, or on your own machine: gcloud auth application-default login`,
    );
  }
  if (isCode(error, statusCodes.INVALID_ARGUMENT)) {
    return new SecretError(
      'refused',
      `Secret Manager takes ${place} for no secret's name: ${words}`,
    );
  }
  return new SecretError(
    'unreachable',
    `Secret Manager could not be reached for ${place} (${words}): check the way to secretmanager.googleapis.com, such as firewall, Private Google Access and proxy`,
  );
}

function deniedError(name: SecretName, identity: string | undefined): SecretError {
  const who = identity === undefined ? 'the service' : `the service, as ${identity},`;
  const member = `--member=serviceAccount:${identity ?? 'SERVICE_ACCOUNT'}`;
  const role = 'roles/secretmanager.secretAccessor';
  return new SecretError(
    'refused',
    `${who} may not read ${pathOf(name)}: grant it ${role}, with: gcloud secrets add-iam-policy-binding ${flagsOf(name)} ${member} --role=${role}`,
  );
}

export function absentError(name: SecretName): SecretError {
  return new SecretError(
    'absent',
    `there is no version of ${pathOf(name)}: make it, with: gcloud secrets create ${flagsOf(name)}${policyOf(name)} ; then: ${addCommand(name)}`,
  );
}

/** The command that gives a secret a key. */
export function addCommand(name: SecretName): string {
  return `openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\\n' | gcloud secrets versions add ${flagsOf(name)} --data-file=-`;
}

function policyOf({ location }: SecretName): string {
  return location === undefined ? ' --replication-policy=automatic' : '';
}

/** Who calls is good to know, but not worth a wait. */
async function soon(ask: Identity): Promise<string | undefined> {
  const unknown = new Promise<undefined>((resolve) => {
    setTimeout(resolve, 1_000, undefined).unref();
  });
  return Promise.race([ask().catch(() => undefined), unknown]);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}

/** The polynomial of RFC 3720 appendix B.4, bits reversed. */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
  return rest;
});

export function crc32c(bytes: Uint8Array): number {
  const all = bytes.reduce((crc, byte) => (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0), ~0);
  return ~all >>> 0;
}

/** What asking for one version told; `absent` when the secret never had it. */
export type Asked =
  | { readonly kind: 'enabled'; readonly version: number; readonly bytes: Uint8Array }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'absent' };

export type Enabled = Extract<Asked, { kind: 'enabled' }>;

export interface VersionSearch {
  /** The number of the last created version; 0 when there is none. */
  readonly last: number;
  /** The newest enabled version N, and N − 1 if it is enabled: never an older one. */
  readonly enabled: readonly Enabled[];
}

/** Doubling steps: more versions than any secret has. */
const maxDoublings = 24;
/** So many versions in a row may be disabled before the secret counts as having none. */
const maxDisabled = 16;

/** No search asks more often: up by doubling, back by halving, down past disabled ones, and for N − 1. */
export const maxSteps = 2 * maxDoublings + maxDisabled + 2;

/**
 * @param ask asks for the version of a number
 * @param from a version that once existed, or 0; after it the search goes up
 */
export async function searchVersions(
  ask: (version: number) => Promise<Asked>,
  from: number,
): Promise<VersionSearch> {
  const told = new Map<number, Asked>();
  const askOnce = async (version: number): Promise<Asked> => {
    const answer = told.get(version) ?? (await ask(version));
    told.set(version, answer);
    return answer;
  };
  const last = await lastVersion(askOnce, from);
  return { last, enabled: await newestEnabled(askOnce, last) };
}

type Ask = (version: number) => Promise<Asked>;

async function lastVersion(ask: Ask, from: number): Promise<number> {
  // A secret that was deleted and made again counts from 1 again.
  const base = from > 0 && (await ask(from)).kind === 'absent' ? 0 : from;
  let low = base;
  let high = base + 1;
  for (let count = 0; count < maxDoublings; count += 1) {
    if ((await ask(high)).kind === 'absent') break;
    low = high;
    high = base + 2 * (high - base);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await ask(middle)).kind === 'absent') high = middle;
    else low = middle;
  }
  return low;
}

async function newestEnabled(ask: Ask, last: number): Promise<readonly Enabled[]> {
  for (let version = last; version > Math.max(0, last - maxDisabled); version -= 1) {
    const newest = await ask(version);
    if (newest.kind !== 'enabled') continue;
    const before = version > 1 ? await ask(version - 1) : undefined;
    return before?.kind === 'enabled' ? [newest, before] : [newest];
  }
  return [];
}
