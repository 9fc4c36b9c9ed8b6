/** What Terraform runs: the service, the producer and what starts it, alike to the YAML of deploy/cloudrun. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { find, folder, inside } from './terraform.js';

interface Variable {
  readonly name: string;
  readonly value?: string;
}

interface Container {
  readonly args?: readonly string[];
  readonly env: readonly Variable[];
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
}

interface Manifest {
  readonly spec: { readonly template: { readonly spec: Specification } };
}

interface Specification {
  readonly containers?: readonly Container[];
  readonly template?: { readonly spec: Specification };
}

function containerOf(file: string): Container {
  // manifests.test.ts holds the files against Cloud Run's types.
  const { spec } = (parse(readFileSync(`deploy/cloudrun/${file}`, 'utf8')) as Manifest).spec
    .template;
  const [container] = spec.containers ?? spec.template?.spec.containers ?? [];
  if (container === undefined) throw new Error(`${file} has no container`);
  return container;
}

const environmentOf = (env: readonly Variable[]) =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]));

const service = find('google_cloud_run_v2_service', 'service');
const job = find('google_cloud_run_v2_job', 'producer');
// As hcl2json gives blocks of a name and a value.
const given = environmentOf(inside(service, 'template', 'containers').env as readonly Variable[]);
const rotation = '${google_pubsub_subscription.rotation.id}';
const reader = '${google_pubsub_subscription_iam_member.rotation_reader}';

describe('the service that Terraform runs', () => {
  it('hears of rotations, believes two proxies and names traces', () => {
    expect(given).toMatchObject({
      API_KEYS_ROTATION_SUBSCRIPTION: rotation,
      TRACE_PROJECT: '${var.project}',
      TRUST_PROXY: '2',
    });
    expect(service.depends_on).toContain(reader);
  });

  it('has each variable that service.yaml gives', () => {
    const { env } = containerOf('service.yaml');
    expect(Object.keys(environmentOf(env)).filter((name) => !(name in given))).toEqual([]);
    expect(environmentOf(env).API_KEYS_ROTATION_SUBSCRIPTION).toBe(
      `projects/\${PROJECT}/subscriptions/${String(find('google_pubsub_subscription', 'rotation').name)}`,
    );
  });

  it('hears of rotations on a VM too, which sends its log lines', () => {
    const { metadata, depends_on } = find('google_compute_instance', 'service');
    const script = readFileSync(`${folder}cloud-init.yaml`, 'utf8');
    const named = [...script.matchAll(/(?<!\$)\$\{(\w+)\}/g)].map(([, name = '']) => name);
    const { 'user-data': data, ...rest } = metadata as Readonly<Record<string, string>>;
    expect(rest).toEqual({ 'google-logging-enabled': 'true' });
    expect(named.filter((name) => !new RegExp(`\\b${name} += `).test(data ?? ''))).toEqual([]);
    expect(script).toContain('--env API_KEYS_ROTATION_SUBSCRIPTION=${rotation} ');
    expect(data).toMatch(/rotation += google_pubsub_subscription\.rotation\.id\n/);
    expect(depends_on).toContain(reader);
  });
});

describe('the producer that Terraform runs', () => {
  const container = inside(job, 'template', 'template', 'containers');
  const { args, resources } = containerOf('job.yaml');

  it('ends well where another is at work, in Terraform and in job.yaml', () => {
    const words = 'dist/commands/hospital-api.js produce --once --unless-running'.split(' ');
    expect([container.args, args]).toEqual([words, words]);
  });

  it('has memory for a collection, in Terraform and in job.yaml', () => {
    const limits = { cpu: '1', memory: '1Gi' };
    expect([inside(container, 'resources').limits, resources.limits]).toEqual([limits, limits]);
  });

  it('is started by a scheduler that may start it', () => {
    expect(find('google_cloud_scheduler_job', 'producer')).toMatchObject({
      schedule: '${var.producer_schedule}',
      http_target: [
        {
          http_method: 'POST',
          uri: expect.stringMatching(
            /^https:.*\/jobs\/\$\{google_cloud_run_v2_job\.producer\.name\}:run$/,
          ) as string,
          oauth_token: [{ service_account_email: '${google_service_account.scheduler.email}' }],
        },
      ],
    });
    expect(find('google_cloud_run_v2_job_iam_member', 'scheduler')).toMatchObject({
      name: '${google_cloud_run_v2_job.producer.name}',
      role: 'roles/run.invoker',
      member: '${google_service_account.scheduler.member}',
    });
  });
});
