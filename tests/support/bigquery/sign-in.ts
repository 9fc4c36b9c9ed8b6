/** Signs in as a workload outside of Google does, with the local server as the place that gives tokens. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BigQueryServer } from './server.js';

const pool = 'projects/1/locations/global/workloadIdentityPools/p/providers/p';

/** @returns the environment of a client of this server */
export async function signIn({ url }: Pick<BigQueryServer, 'url'>, folder: string) {
  const [credentials, subject] = [join(folder, 'credentials.json'), join(folder, 'subject')];
  await writeFile(subject, 'who-asks');
  await writeFile(
    credentials,
    JSON.stringify({
      ...{ type: 'external_account', audience: `//iam.googleapis.com/${pool}` },
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      ...{ token_url: `${url}/token`, credential_source: { file: subject } },
    }),
  );
  return { GOOGLE_APPLICATION_CREDENTIALS: credentials, BIGQUERY_EMULATOR_HOST: url };
}
