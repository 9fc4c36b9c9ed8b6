/** What is kept of what happened, what is kept for bad days, and who is told of what. */
import { describe, expect, it } from 'vitest';
import { type Block, find, locals } from './terraform.js';

const kept: readonly (readonly [resource: string, block: Block])[] = [
  [
    'google_project_iam_audit_config.secrets',
    {
      service: 'secretmanager.googleapis.com',
      audit_log_config: [{ log_type: 'DATA_READ' }],
    },
  ],
  [
    'google_logging_project_bucket_config.audit',
    { location: '${var.region}', retention_days: '${var.log_retention_days}' },
  ],
  [
    'google_logging_project_sink.audit',
    {
      destination: 'logging.googleapis.com/${google_logging_project_bucket_config.audit.id}',
      filter:
        'log_id("cloudaudit.googleapis.com/data_access") OR log_id("cloudaudit.googleapis.com/activity")',
    },
  ],
  [
    'google_sql_database_instance.store',
    {
      deletion_protection: true,
      settings: [
        {
          edition: 'ENTERPRISE',
          availability_type: 'REGIONAL',
          deletion_protection_enabled: true,
          ip_configuration: [
            {
              ipv4_enabled: false,
              private_network: '${google_compute_network.hospital.self_link}',
              ssl_mode: 'ENCRYPTED_ONLY',
            },
          ],
          backup_configuration: [{ enabled: true, point_in_time_recovery_enabled: true }],
        },
      ],
      depends_on: ['${google_service_networking_connection.services}'],
    },
  ],
];

const subscription = (metric: string, names: string, rest = '') =>
  [
    'resource.type = "pubsub_subscription"',
    `metric.type = "pubsub.googleapis.com/subscription/${metric}"`,
    ...(rest === '' ? [] : [rest]),
    `resource.labels.subscription_id = monitoring.regex.full_match("${names}")`,
  ].join(' AND ');
const runs = (result: string) =>
  [
    'resource.type = "cloud_run_job"',
    'metric.type = "run.googleapis.com/job/completed_execution_count"',
    `metric.labels.result = "${result}"`,
    'resource.labels.job_name = "${google_cloud_run_v2_job.producer.name}"',
  ].join(' AND ');

const alerts: Readonly<Record<string, Block>> = {
  state: {
    filter: subscription(
      'push_request_count',
      'hospital-.*-bigquery',
      'metric.labels.response_class != "ack"',
    ),
    ...{ above: 0, lasts: '300s', aligner: 'ALIGN_RATE' },
  },
  dead: {
    filter: subscription('num_undelivered_messages', 'hospital-.*-dead'),
    ...{ above: 0, lasts: '300s', aligner: 'ALIGN_MAX' },
  },
  lag: {
    filter: subscription('oldest_unacked_message_age', 'hospital-.*-(bigquery|dataflow)'),
    ...{ above: 3600, lasts: '300s', aligner: 'ALIGN_MAX' },
  },
  // Each run counts, without waiting for another.
  failed: { filter: runs('failed'), above: 0, lasts: '0s', aligner: 'ALIGN_SUM' },
};
const channels = ['${google_monitoring_notification_channel.email.id}'];

describe('what is kept', () => {
  it.each(kept)('%s', (resource, block) => {
    const [type = '', name = ''] = resource.split('.');
    expect(find(type, name)).toMatchObject(block);
  });
});

describe('alerts', () => {
  it.each(Object.keys(alerts))('%s', (alert) => {
    expect(locals.alerts).toMatchObject({ [alert]: alerts[alert] });
  });

  it('are policies each, told by mail', () => {
    expect(find('google_monitoring_alert_policy', 'pipeline')).toMatchObject({
      for_each: '${local.alerts}',
      notification_channels: channels,
      conditions: [
        {
          condition_threshold: [
            {
              filter: '${each.value.filter}',
              comparison: 'COMPARISON_GT',
              threshold_value: '${each.value.above}',
              duration: '${each.value.lasts}',
              aggregations: [{ per_series_aligner: '${each.value.aligner}' }],
            },
          ],
        },
      ],
    });
    expect(find('google_monitoring_notification_channel', 'email')).toMatchObject({
      type: 'email',
      labels: { email_address: '${var.alert_email}' },
    });
  });

  it('tell of a producer that is not started, by runs that did not succeed for an hour', () => {
    expect(find('google_monitoring_alert_policy', 'idle')).toMatchObject({
      notification_channels: channels,
      conditions: [
        {
          condition_absent: [
            {
              filter: runs('succeeded'),
              duration: '3600s',
              aggregations: [{ alignment_period: '300s', per_series_aligner: 'ALIGN_SUM' }],
            },
          ],
        },
      ],
    });
  });
});
