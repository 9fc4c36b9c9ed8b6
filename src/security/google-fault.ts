/** What Secret Manager's refusals mean, and the commands that mend them. */
import type { SecretName } from '../config.js';
import { flagsOf, pathOf } from './secret-name.js';
import { SecretFault } from './secret-source.js';

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
export async function faultOf(
  error: unknown,
  name: SecretName,
  askIdentity: Identity,
): Promise<SecretFault> {
  const place = pathOf(name);
  const words = error instanceof Error ? firstLine(error.message) : String(error);
  if (isCode(error, statusCodes.PERMISSION_DENIED)) {
    return deniedFault(name, await soon(askIdentity));
  }
  if (isCode(error, statusCodes.UNAUTHENTICATED) || words.includes('default credentials')) {
    return new SecretFault(
      'refused',
      `the service has no identity to read ${place} with: run it under a service account that has roles/secretmanager.secretAccessor, or on your own machine: gcloud auth application-default login`,
    );
  }
  if (isCode(error, statusCodes.INVALID_ARGUMENT)) {
    return new SecretFault(
      'refused',
      `Secret Manager takes ${place} for no secret's name: ${words}`,
    );
  }
  return new SecretFault(
    'unreachable',
    `Secret Manager could not be reached for ${place} (${words}): check the way to secretmanager.googleapis.com, such as firewall, Private Google Access and proxy`,
  );
}

function deniedFault(name: SecretName, identity: string | undefined): SecretFault {
  const who = identity === undefined ? 'the service' : `the service, as ${identity},`;
  const member = `--member=serviceAccount:${identity ?? 'SERVICE_ACCOUNT'}`;
  const role = 'roles/secretmanager.secretAccessor';
  return new SecretFault(
    'refused',
    `${who} may not read ${pathOf(name)}: grant it ${role}, with: gcloud secrets add-iam-policy-binding ${flagsOf(name)} ${member} --role=${role}`,
  );
}

export function absentFault(name: SecretName): SecretFault {
  return new SecretFault(
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
