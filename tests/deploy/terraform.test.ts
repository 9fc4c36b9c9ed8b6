/** The Terraform files, parsed: variables, references, required arguments, and what has to come before what. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { all, find, folder, locals, resources, variables } from './terraform.js';

/** Of the provider's documents, as far as they are used here. */
const required: Readonly<Record<string, readonly string[]>> = {
  google_artifact_registry_repository: ['repository_id', 'format', 'location'],
  google_bigquery_datapolicy_data_policy: [
    'location',
    'data_policy_id',
    'policy_tag',
    'data_policy_type',
  ],
  google_bigquery_dataset: ['dataset_id', 'location'],
  google_bigquery_table: ['dataset_id', 'table_id', 'deletion_protection'],
  google_cloud_run_v2_job: ['name', 'location', 'template', 'deletion_protection'],
  google_cloud_run_v2_service: ['name', 'location', 'template', 'ingress', 'deletion_protection'],
  google_cloud_scheduler_job: ['name', 'schedule', 'http_target'],
  google_compute_firewall: ['name', 'network', 'source_ranges', 'allow'],
  google_compute_instance: ['name', 'machine_type', 'boot_disk', 'network_interface'],
  google_data_catalog_taxonomy: ['display_name', 'activated_policy_types', 'region'],
  google_dataflow_flex_template_job: ['name', 'container_spec_gcs_path', 'parameters', 'provider'],
  google_logging_project_bucket_config: ['project', 'location', 'bucket_id', 'retention_days'],
  google_monitoring_alert_policy: ['display_name', 'combiner', 'conditions'],
  google_project_iam_audit_config: ['project', 'service', 'audit_log_config'],
  google_pubsub_subscription: ['name', 'topic', 'expiration_policy'],
  google_pubsub_topic: ['name', 'message_storage_policy'],
  google_secret_manager_secret: ['secret_id', 'replication'],
  google_service_account: ['account_id'],
  google_sql_database_instance: ['database_version', 'settings', 'depends_on'],
};

describe('terraform', () => {
  it('describes and checks every variable', () => {
    const lacking = variables.filter(
      ([, [block]]) => !['description', 'type', 'validation'].every((word) => block?.[word]),
    );
    expect(lacking.map(([name]) => name)).toEqual([]);
    expect(variables.length).toBeGreaterThan(10);
  });

  it('names in its example the variables without a default, and none that is not there', () => {
    const example = readFileSync(`${folder}terraform.tfvars.example`, 'utf8');
    const given = [...example.matchAll(/^(\w+)\s*=/gm)].map(([, name]) => name);
    const needed = variables
      .filter(([, [block]]) => block !== undefined && !('default' in block))
      .map(([name]) => name);
    expect(given.toSorted()).toEqual(needed.toSorted());
  });

  it('refers to what is there alone', () => {
    const known = new Set(variables.map(([name]) => name));
    const here = new Set(resources.map(({ type, name }) => `${type}.${name}`));
    const missing = [
      ...[...all.matchAll(/\bvar\.(\w+)/g)].filter(([, name = '']) => !known.has(name)),
      ...[...all.matchAll(/\blocal\.(\w+)/g)].filter(([, name = '']) => !(name in locals)),
      ...[...all.matchAll(/(?<![\w."/])(google_\w+\.\w+)\b/g)].filter(
        ([, name = '']) => !here.has(name) && !all.includes(`data.${name}`),
      ),
    ];
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  it('uses every variable and local', () => {
    const unused = [
      ...variables.map(([name]) => `var.${name}`),
      ...Object.keys(locals).map((name) => `local.${name}`),
    ].filter((name) => !new RegExp(`${name.replace('.', '\\.')}\\b`).test(all));
    expect(unused).toEqual([]);
  });

  it('gives each resource what the provider asks of it', () => {
    const lacking = resources.flatMap(({ type, name, block }) =>
      (required[type] ?? [])
        .filter((word) => !(word in block))
        .map((word) => `${type}.${name} ${word}`),
    );
    expect(lacking).toEqual([]);
  });

  it('lets Secret Manager publish before a secret names the rotation topic', () => {
    expect(find('google_secret_manager_secret', 'key').depends_on).toEqual([
      '${google_pubsub_topic_iam_member.rotation_publisher}',
    ]);
    expect(find('google_pubsub_topic_iam_member', 'rotation_publisher')).toMatchObject({
      role: 'roles/pubsub.publisher',
      member: '${google_project_service_identity.secret_manager.member}',
    });
  });

  it('keeps dead letters, and lets Pub/Sub forward them', () => {
    expect(find('google_pubsub_subscription', 'dead').topic).toBe('${each.value.id}');
    expect(find('google_pubsub_topic_iam_member', 'dead').role).toBe('roles/pubsub.publisher');
    expect(find('google_pubsub_subscription_iam_member', 'dead').role).toBe(
      'roles/pubsub.subscriber',
    );
  });

  it('gives a subscription the table’s schema, and drops no field', () => {
    expect(find('google_pubsub_subscription', 'table').bigquery_config).toEqual([
      expect.objectContaining({ use_table_schema: true, drop_unknown_fields: false }),
    ]);
    expect(find('google_bigquery_table', 'records')).toMatchObject({
      max_staleness: '0-0 0 0:15:0',
    });
  });

  it('grants nobody a role over the project that a resource could have, and none to everybody', () => {
    expect(all).not.toMatch(/allUsers|allAuthenticatedUsers|roles\/(?:owner|editor)"/);
    const wide = resources
      .filter(({ type }) => type === 'google_project_iam_member')
      .map(({ block }) => String(block.role));
    expect(wide.toSorted()).toEqual([
      ...['roles/bigquery.jobUser', 'roles/cloudsql.client'],
      ...['roles/dataflow.worker', 'roles/logging.logWriter'],
    ]);
  });

  it('has by default the collections of the contract', () => {
    const [, [block]] = variables.find(([name]) => name === 'collections') ?? ['', []];
    expect(block?.default).toEqual(readContract().collections.map(({ name }) => name));
  });

  it('renames for way B the columns that BigQuery keeps for itself', () => {
    const script = readFileSync(`${folder}rename-change-columns.js`, 'utf8');
    const text = JSON.stringify({ id: 1, _CHANGE_TYPE: 'UPSERT', _CHANGE_SEQUENCE_NUMBER: 'a/b' });
    const renamed = runInNewContext(`${script}; renameChangeColumns(text)`, { text }) as string;
    expect(JSON.parse(renamed)).toEqual({
      ...{ id: 1, change_type: 'UPSERT', change_sequence_number: 'a/b' },
    });
  });
});
