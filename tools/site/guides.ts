// The pages of the site that are made from Markdown, by who reads them. What is not there yet is left out.

export interface Guide {
  /** Path from the root of the project. */
  readonly file: string;
  /** Name of the page in the site, without its ending. */
  readonly page: string;
  readonly title: string;
  readonly about: string;
}

interface GuideGroup {
  readonly readers: string;
  readonly guides: readonly Guide[];
}

function guide(file: string, title: string, about: string): Guide {
  const page = file
    .toLowerCase()
    .replace(/^docs\//, '')
    .replace(/\.md$/, '');
  return { file, page, title, about };
}

export const guideGroups: readonly GuideGroup[] = [
  {
    readers: 'Reading the feeds',
    guides: [
      guide('docs/quick-start.md', 'Quick start', 'From nothing to the first records.'),
      guide('docs/authentication.md', 'Authentication', 'Keys, their change, and what 401 means.'),
      guide('docs/feed.md', 'Following the feed', 'Pages, positions, and losing nothing.'),
      guide('docs/errors.md', 'Errors', 'Every refusal, and what to do about it.'),
      guide('docs/versioning.md', 'Versioning', 'What may change, and how it is announced.'),
      guide('docs/mocking.md', 'Mocking', 'Trying a client without a service.'),
      guide('docs/workflows.md', 'Workflows', 'The usual ways through the API, step by step.'),
      guide('docs/clients.md', 'dlt, Airbyte, Singer', 'Pulling without code.'),
      guide('docs/pipeline.md', 'Pipeline', 'From the feed to the warehouse.'),
    ],
  },
  {
    readers: 'Owning the contract',
    guides: [
      guide('docs/contract.md', 'The contract', 'Its layout, and what is decided.'),
      guide('docs/contract-policy.md', 'What may change', 'What counts as breaking, and why.'),
      guide('docs/extending.md', 'Extending', 'Adding a field, adding a collection.'),
      guide('docs/architecture.md', 'Architecture', 'The folders, and a request’s way.'),
    ],
  },
  {
    readers: 'Running the service',
    guides: [
      guide('docs/operating.md', 'Operating', 'Starting, watching, and what to do when it fails.'),
      guide('docs/upgrading.md', 'Upgrading', 'To the next version, and back.'),
      guide('docs/backup.md', 'Backup', 'Dump, restore, and what a restore means to readers.'),
      guide('docs/scale.md', 'Scale', 'What grows with the records.'),
      guide('docs/configuration.md', 'Configuration', 'Every setting and its default.'),
      guide('docs/metrics.md', 'Metrics and traces', 'What can be measured, and how.'),
      guide(
        'docs/slo.md',
        'Objectives and alerts',
        'What to hold the service to, and when to be woken.',
      ),
      guide('docs/importing.md', 'Importing', 'How a load behaves and ends.'),
      guide('docs/reading-fhir.md', 'Reading FHIR', 'What becomes of a resource.'),
      guide('docs/import-mapping.md', 'The mapping', 'Field by field.'),
      guide('docs/rotation.md', 'Changing keys', 'Without a restart and without a gap.'),
      guide('docs/de-identification.md', 'De-identified views', 'The eighteen items.'),
      guide('docs/security.md', 'Security', 'What is done against what.'),
      guide('docs/audit.md', 'Access audit', 'Who was given which version of which record.'),
      guide(
        'docs/compliance.md',
        'Compliance',
        'Which rules are served by what, and what stays yours.',
      ),
    ],
  },
  {
    readers: 'History',
    guides: [guide('CHANGELOG.md', 'Changelog', 'What users notice, by version.')],
  },
];
