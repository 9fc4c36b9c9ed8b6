/** Every metric that the service gives; docs/metrics.md, the dashboard and the alerts go by this table. */
import type { MetricOptions } from '@opentelemetry/api';

export interface Instrument {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** Each has few values: names of the contract and of the configuration, statuses, kinds. */
  readonly attributes: readonly string[];
}

/** Names of OpenTelemetry's semantic conventions where they have one, of the service's own otherwise. */
export const instruments = {
  requestDuration: {
    name: 'http.server.request.duration',
    unit: 's',
    description:
      'Requests by operation, status and kind of answer (`page`, `wait` for long polls, `export` for streams), and how long they took',
    attributes: [
      'http.request.method',
      'http.route',
      'http.response.status_code',
      'error.type',
      'hospital.operation',
      'hospital.answer',
    ],
  },
  activeRequests: {
    name: 'http.server.active_requests',
    unit: '{request}',
    description: 'Requests under way, long polls and exports among them',
    attributes: [],
  },
  refusals: {
    name: 'hospital.refusals',
    unit: '{request}',
    description: 'Refused requests by the problem’s name; of floods and of what is not HTTP too',
    attributes: ['hospital.refusal', 'http.response.status_code'],
  },
  consumerRequests: {
    name: 'hospital.consumer.requests',
    unit: '{request}',
    description: 'Requests with a valid key by consumer and operation',
    attributes: ['hospital.consumer', 'hospital.operation'],
  },
  waitingReaders: {
    name: 'hospital.waiting.readers',
    unit: '{request}',
    description: 'Long polls that are held back',
    attributes: [],
  },
  exports: {
    name: 'hospital.exports.active',
    unit: '{request}',
    description: 'Exports of a whole feed under way',
    attributes: [],
  },
  replicaLag: {
    name: 'hospital.replica.lag',
    unit: 's',
    description:
      'For how long at most the replica of DATABASE_READ_URL has not been found to have all that the primary has',
    attributes: [],
  },
  feedPosition: {
    name: 'hospital.feed.position',
    unit: 's',
    description: 'The feed’s newest position, in seconds since 1970',
    attributes: ['hospital.collection'],
  },
  feedAge: {
    name: 'hospital.feed.age',
    unit: 's',
    description: 'How long ago the feed’s newest change was',
    attributes: ['hospital.collection'],
  },
  consumerPosition: {
    name: 'hospital.consumer.position',
    unit: 's',
    description: 'The newest position that the consumer was sent, in seconds since 1970',
    attributes: ['hospital.collection', 'hospital.consumer'],
  },
  consumerLag: {
    name: 'hospital.consumer.lag',
    unit: 's',
    description:
      'How far the feed’s newest position is ahead of the newest that the consumer was sent',
    attributes: ['hospital.collection', 'hospital.consumer'],
  },
  statementDuration: {
    name: 'db.client.operation.duration',
    unit: 's',
    description: 'Statements and transactions by name, the wait for a connection included',
    attributes: ['db.system.name', 'db.query.summary', 'error.type'],
  },
  poolConnections: {
    name: 'db.client.connection.count',
    unit: '{connection}',
    description: 'Connections to PostgreSQL by pool, used and idle',
    attributes: ['db.client.connection.pool.name', 'db.client.connection.state'],
  },
  poolLimit: {
    name: 'db.client.connection.max',
    unit: '{connection}',
    description: 'Connections that a pool has at most',
    attributes: ['db.client.connection.pool.name'],
  },
  poolPending: {
    name: 'db.client.connection.pending_requests',
    unit: '{request}',
    description: 'Statements that wait for a connection',
    attributes: ['db.client.connection.pool.name'],
  },
  keyReadAge: {
    name: 'hospital.key.read.age',
    unit: 's',
    description: 'How long ago the consumer’s keys were read from their source',
    attributes: ['hospital.scheme', 'hospital.consumer'],
  },
  keyUses: {
    name: 'hospital.key.uses',
    unit: '{request}',
    description: 'Uses of a version of the consumer’s key',
    attributes: ['hospital.scheme', 'hospital.consumer', 'hospital.key_version'],
  },
  keyLastUseAge: {
    name: 'hospital.key.last_use.age',
    unit: 's',
    description: 'How long ago a version of the consumer’s key was last used',
    attributes: ['hospital.scheme', 'hospital.consumer', 'hospital.key_version'],
  },
  eventLoopDelayMean: {
    name: 'nodejs.eventloop.delay.mean',
    unit: 's',
    description: 'Mean delay of the event loop since the report before',
    attributes: [],
  },
  eventLoopDelayP99: {
    name: 'nodejs.eventloop.delay.p99',
    unit: 's',
    description: '99th percentile of the event loop’s delay since the report before',
    attributes: [],
  },
  eventLoopDelayMax: {
    name: 'nodejs.eventloop.delay.max',
    unit: 's',
    description: 'Greatest delay of the event loop since the report before',
    attributes: [],
  },
  memory: {
    name: 'process.memory.usage',
    unit: 'By',
    description: 'Resident memory of the process',
    attributes: [],
  },
  cpuTime: {
    name: 'process.cpu.time',
    unit: 's',
    description: 'Processor time of the process',
    attributes: ['cpu.mode'],
  },
  uptime: {
    name: 'process.uptime',
    unit: 's',
    description: 'How long the process has run',
    attributes: [],
  },
} as const satisfies Readonly<Record<string, Instrument>>;

/** Bounds of the buckets in seconds, as the semantic conventions advise for requests and statements. */
export const durationBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 35,
];

/** What an instrument is made with: its name, and what describes it. */
export function described({ name, unit, description }: Instrument): [string, MetricOptions] {
  return [name, { unit, description }];
}

/** The name that Prometheus knows a metric by, before what it adds for sums and histograms. */
export function prometheusName(name: string, unit: string): string {
  return `${name.replaceAll('.', '_')}${suffixes[unit] ?? ''}`;
}

const suffixes: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };
