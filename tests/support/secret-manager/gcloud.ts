/** The commands of `gcloud secrets` that the guides use, carried out by Google's client on the local server. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { credentials } from '@grpc/grpc-js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    project: { type: 'string' },
    secret: { type: 'string' },
    'data-file': { type: 'string' },
    'replication-policy': { type: 'string' },
    member: { type: 'string' },
    role: { type: 'string' },
    filter: { type: 'string' },
    format: { type: 'string' },
  },
});
const [hostname = '', port = ''] = (process.env.SECRET_MANAGER_EMULATOR_HOST ?? '').split(':');
const client = new SecretManagerServiceClient({
  apiEndpoint: hostname,
  port: Number(port),
  sslCreds: credentials.createInsecure(),
  credentials: { client_email: 'nobody', private_key: 'none' },
});
const parent = `projects/${values.project ?? ''}`;
const nameOf = (secret = '') => `${parent}/secrets/${secret}`;
const versionOf = () => `${nameOf(values.secret)}/versions/${positionals.at(-1) ?? ''}`;

const commands: Readonly<Record<string, () => Promise<unknown>>> = {
  'secrets create': () =>
    client.createSecret({
      parent,
      secretId: positionals[2] ?? '',
      secret: { replication: { automatic: {} } },
    }),
  'secrets add-iam-policy-binding': () => {
    if (values.role !== 'roles/secretmanager.secretAccessor') throw new Error('another role');
    return client.getSecret({ name: nameOf(positionals[2]) });
  },
  'secrets versions add': () => {
    if (values['data-file'] !== '-') throw new Error('a key stands in no file');
    return client.addSecretVersion({
      parent: nameOf(positionals[3]),
      payload: { data: readFileSync(0) },
    });
  },
  'secrets versions list': async () => {
    const [versions] = await client.listSecretVersions({ parent: nameOf(positionals[3]) });
    if (values.filter !== 'state=ENABLED' || values.format !== 'value(name.basename())') {
      throw new Error('another filter or format');
    }
    for (const { name, state } of versions) {
      if (state === 'ENABLED') process.stdout.write(`${name?.split('/').at(-1) ?? ''}\n`);
    }
  },
  'secrets versions access': async () => {
    const [{ payload }] = await client.accessSecretVersion({ name: versionOf() });
    process.stdout.write(payload?.data ?? '');
  },
  'secrets versions disable': () => client.disableSecretVersion({ name: versionOf() }),
  'secrets versions enable': () => client.enableSecretVersion({ name: versionOf() }),
  'secrets versions destroy': () => client.destroySecretVersion({ name: versionOf() }),
};

const [name] = Object.keys(commands).filter((known) => positionals.join(' ').startsWith(known));
await commands[name ?? '']?.();
if (name === undefined) throw new Error(`no such command: ${positionals.join(' ')}`);
await client.close();
