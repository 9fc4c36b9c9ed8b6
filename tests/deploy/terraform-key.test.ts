/** With a key of the hospital's own: whatever is at rest is encrypted with it, and Google's services may use it. */
import { describe, expect, it } from 'vitest';
import { type Block, find, locals, resources, variables } from './terraform.js';

const key = '${local.key}';
const perKey = (block: string, argument: string): Block => ({
  dynamic: {
    [block]: [{ for_each: '${local.key[*]}', content: [{ [argument]: `\${${block}.value}` }] }],
  },
});
const encryption = perKey('customer_managed_encryption', 'kms_key_name');

/** What keeps something at rest, the agent that encrypts it, and where the key stands. */
const encrypted: readonly (readonly [type: string, agent: string, block: Block])[] = [
  ['google_artifact_registry_repository', 'artifactregistry', { kms_key_name: key }],
  [
    'google_bigquery_dataset',
    'bigquery',
    perKey('default_encryption_configuration', 'kms_key_name'),
  ],
  ['google_cloud_run_v2_job', 'run', { template: [{ template: [{ encryption_key: key }] }] }],
  ['google_cloud_run_v2_service', 'run', { template: [{ encryption_key: key }] }],
  ['google_compute_instance', 'compute', { boot_disk: [{ kms_key_self_link: key }] }],
  ['google_dataflow_flex_template_job', 'dataflow', { kms_key_name: key }],
  ['google_logging_project_bucket_config', 'logging', perKey('cmek_settings', 'kms_key_name')],
  ['google_pubsub_topic', 'pubsub', { kms_key_name: key }],
  [
    'google_secret_manager_secret',
    'secretmanager',
    { replication: [{ user_managed: [{ replicas: [encryption] }] }] },
  ],
  ['google_sql_database_instance', 'sqladmin', { encryption_key_name: key }],
  ['google_storage_bucket', 'storage', perKey('encryption', 'default_kms_key_name')],
];

describe('the key for everything at rest', () => {
  it.each(encrypted)('encrypts every %s, which %s may do', (type, agent, block) => {
    const these = resources.filter((resource) => resource.type === type);
    expect(these).not.toEqual([]);
    for (const resource of these) expect(resource).toMatchObject({ type, block });
    expect(`${String(locals.key_services)}${String(locals.key_users)}`).toContain(`"${agent}"`);
  });

  it('is named only once its use is granted', () => {
    expect(find('google_kms_crypto_key_iam_member', 'user')).toMatchObject({
      for_each: '${local.key_users}',
      crypto_key_id: '${var.kms_key}',
      role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
      member: '${each.value}',
    });
    expect(locals.key).toBe(
      '${one(toset([for grant in google_kms_crypto_key_iam_member.user : grant.crypto_key_id]))}',
    );
    const users = resources.filter(({ block }) => JSON.stringify(block).includes('var.kms_key'));
    expect(users.map(({ type }) => type)).toEqual(['google_kms_crypto_key_iam_member']);
  });

  it('is granted to agents that are there by then, and to none without a key', () => {
    expect(find('google_project_service_identity', 'key_user')).toMatchObject({
      for_each: '${toset(local.key_services)}',
      service: '${each.value}.googleapis.com',
      depends_on: ['${google_project_service.needed}'],
    });
    expect(locals.has_key).toBe('${var.kms_key != ""}');
    expect(locals.key_services).toMatch(/^\$\{local\.has_key \? .* : \[\]\}$/s);
    const apart = [/"secretmanager" => .*/, /"compute" => .*/].map(
      (line) => line.exec(String(locals.key_users))?.[0],
    );
    for (const line of apart) expect(line).toContain(' if local.has_key');
  });

  it('lies in the region of what it encrypts', () => {
    const [, [block] = []] = variables.find(([name]) => name === 'kms_key') ?? [];
    expect(JSON.stringify(block?.validation)).toContain('/locations/${var.region}/keyRings/');
  });

  it('encrypts also what Dataflow keeps for a while', () => {
    const bucket = 'gs://${google_storage_bucket.dataflow[0].name}';
    expect(find('google_dataflow_flex_template_job', 'log')).toMatchObject({
      temp_location: `${bucket}/temp`,
      staging_location: `${bucket}/staging`,
    });
  });
});
