/** A secret's name as Secret Manager and its commands write it. */
import type { KeysConfig, SecretName } from '../config.js';

/** `projects/P/secrets/S`, or with a location between. */
export function pathOf({ project, location, secret }: SecretName): string {
  const region = location === undefined ? '' : `/locations/${location}`;
  return `projects/${project}${region}/secrets/${secret}`;
}

/** The name as the arguments of `gcloud secrets`. */
export function flagsOf({ project, location, secret }: SecretName): string {
  const region = location === undefined ? '' : ` --location=${location}`;
  return `${secret} --project=${project}${region}`;
}

/** Ids without a name of their own stand in the project that the configuration names. */
export function fullNames(
  { names, project = '' }: Extract<KeysConfig, { kind: 'google' }>,
  secretIds: readonly string[],
): ReadonlyMap<string, SecretName> {
  return new Map(
    secretIds.map((secretId) => [
      secretId,
      names[secretId] ?? { project, secret: secretId, version: 'latest' },
    ]),
  );
}
