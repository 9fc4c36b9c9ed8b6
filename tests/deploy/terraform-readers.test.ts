/** Who reads what in BigQuery: tagged columns in clear or masked, the records, the copies, and what no log takes. */
import { describe, expect, it } from 'vitest';
import { type Block, find, locals, resources, variables } from './terraform.js';

const records = '${google_bigquery_dataset.records.dataset_id}';
const copies = '${google_bigquery_dataset.deidentified.dataset_id}';
const errors = '${google_bigquery_dataset.errors[0].dataset_id}';
const account = (name: string) => `\${google_service_account.${name}.member}`;
const columns = (tags: string, members: string) =>
  `\${{\n    for pair in setproduct(keys(${tags}), ${members}) :\n    "\${pair[0]} \${pair[1]}" => { tag = pair[0], member = pair[1] }\n  }}`;

/** Every grant of BigQuery, and no other. */
const grants: readonly (readonly [grant: string, block: Block])[] = [
  [
    'google_data_catalog_policy_tag_iam_member.clear',
    {
      for_each: columns(
        'google_data_catalog_policy_tag.phi',
        'concat(var.clear_readers, [google_service_account.deidentifier.member])',
      ),
      policy_tag: '${google_data_catalog_policy_tag.phi[each.value.tag].name}',
      role: 'roles/datacatalog.categoryFineGrainedReader',
      member: '${each.value.member}',
    },
  ],
  [
    'google_bigquery_datapolicy_data_policy_iam_member.masked',
    {
      for_each: columns('google_bigquery_datapolicy_data_policy.mask', 'var.masked_readers'),
      location: '${var.region}',
      data_policy_id:
        '${google_bigquery_datapolicy_data_policy.mask[each.value.tag].data_policy_id}',
      role: 'roles/bigquerydatapolicy.maskedReader',
      member: '${each.value.member}',
    },
  ],
  [
    'google_bigquery_dataset_iam_member.masked',
    {
      for_each: '${toset(var.masked_readers)}',
      dataset_id: records,
      role: 'roles/bigquery.dataViewer',
      member: '${each.value}',
    },
  ],
  [
    'google_bigquery_dataset_iam_member.analysts',
    {
      for_each: '${toset(var.analysts)}',
      dataset_id: copies,
      role: 'roles/bigquery.dataViewer',
      member: '${each.value}',
    },
  ],
  [
    'google_bigquery_dataset_iam_member.deidentifier',
    { dataset_id: records, role: 'roles/bigquery.dataViewer', member: account('deidentifier') },
  ],
  [
    'google_bigquery_table_iam_member.deidentifier',
    {
      dataset_id: records,
      table_id: '${google_bigquery_table.keys.table_id}',
      role: 'roles/bigquery.dataEditor',
      member: account('deidentifier'),
    },
  ],
  [
    'google_bigquery_dataset_iam_member.deidentified_writer',
    { dataset_id: copies, role: 'roles/bigquery.dataEditor', member: account('deidentifier') },
  ],
  [
    'google_bigquery_dataset_iam_member.writer',
    {
      for_each: '${toset(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"])}',
      dataset_id: records,
      role: '${each.value}',
      member: account('writer'),
    },
  ],
  [
    'google_bigquery_dataset_iam_member.errors',
    {
      count: '${local.is_log ? 1 : 0}',
      dataset_id: errors,
      role: 'roles/bigquery.dataEditor',
      member: account('writer'),
    },
  ],
];

describe('rights in BigQuery', () => {
  it.each(grants)('are those of %s', (grant, block) => {
    const [type = '', name = ''] = grant.split('.');
    expect(find(type, name)).toEqual(block);
  });

  it('are no others', () => {
    const there = resources
      .filter(({ type }) => /^google_(?:bigquery|data_catalog)_.*_iam_/.test(type))
      .map(({ type, name }) => `${type}.${name}`);
    expect(there.sort()).toEqual(grants.map(([grant]) => grant).sort());
  });

  it('are there before the daily queries run', () => {
    const { depends_on } = find('google_bigquery_data_transfer_config', 'deidentify');
    expect(depends_on).toEqual(
      expect.arrayContaining([
        '${google_bigquery_dataset_iam_member.deidentifier}',
        '${google_bigquery_table_iam_member.deidentifier}',
        '${google_bigquery_dataset_iam_member.deidentified_writer}',
        '${google_data_catalog_policy_tag_iam_member.clear}',
      ]),
    );
  });

  it.each(['clear_readers', 'masked_readers', 'analysts'])(
    '%s are groups, never single users',
    (list) => {
      const [, [block] = []] = variables.find(([name]) => name === list) ?? [];
      expect(block?.validation).toMatchObject([
        {
          condition: `\${alltrue([for member in var.${list} : can(regex("^(group|serviceAccount):.+@.+$", member))])}`,
        },
      ]);
    },
  );
});

describe('tagged columns', () => {
  it('are masked by their level', () => {
    expect(find('google_data_catalog_taxonomy', 'phi').activated_policy_types).toEqual([
      'FINE_GRAINED_ACCESS_CONTROL',
    ]);
    expect(find('google_bigquery_datapolicy_data_policy', 'mask')).toMatchObject({
      for_each: '${google_data_catalog_policy_tag.phi}',
      policy_tag: '${each.value.name}',
      data_policy_type: 'DATA_MASKING_POLICY',
      data_masking_policy: [
        { predefined_expression: '${each.key == "direct" ? "SHA256" : "ALWAYS_NULL"}' },
      ],
    });
  });

  it('have their tag in every table, fields of records too', () => {
    expect(locals.tag).toContain('for level, tag in google_data_catalog_policy_tag.phi');
    for (const column of ['column', 'field']) {
      expect(locals.columns).toContain(
        `contains(keys(${column}), "policyTag") ? { policyTags = { names = local.tag[${column}.policyTag] } } : {}`,
      );
    }
    for (const table of ['records', 'log']) {
      expect(find('google_bigquery_table', table).schema).toContain('local.columns[each.key]');
    }
    expect(find('google_bigquery_table', 'keys').schema).toContain(
      'policyTags = { names = local.tag["direct"] }',
    );
  });

  it('reach no table without tags that masked readers may read', () => {
    expect(find('google_dataflow_flex_template_job', 'log')).toMatchObject({
      parameters: {
        outputDeadletterTable: `\${var.project}:${errors}.\${google_bigquery_table.log[each.key].table_id}_error_records`,
      },
      depends_on: expect.arrayContaining([
        '${google_bigquery_dataset_iam_member.errors}',
        '${google_storage_bucket_iam_member.dataflow}',
      ]) as unknown,
    });
  });
});
