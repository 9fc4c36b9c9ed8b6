/** A secret's name as Secret Manager and its commands write it. */
import type { SecretName } from '../config.js';

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
