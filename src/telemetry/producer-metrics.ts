/** What the producer counts, as metrics. Loaded only where a port of metrics or a collector is configured. */
import type { BatchObservableResult } from '@opentelemetry/api';
import { described, type Instrument } from './instruments.js';
import { type Measuring, type MeasuringOptions, openMeasuring } from './measuring.js';

/** By collection. */
type ProducerCounts = Readonly<
  Record<
    string,
    {
      readonly messages: number;
      readonly bytes: number;
      readonly readRetries: number;
      readonly publishRetries: number;
      readonly checkpoints: number;
      /** Nothing before the first page. */
      readonly lagSeconds: number | undefined;
    }
  >
>;

export async function openProducerMetrics(
  options: MeasuringOptions,
  read: () => ProducerCounts,
): Promise<Pick<Measuring, 'close'>> {
  const measuring = await openMeasuring(options);
  const { meter } = measuring;
  const counter = (name: keyof typeof producerInstruments) =>
    meter.createObservableCounter(...described(producerInstruments[name]));
  const [messages, bytes] = [counter('messages'), counter('bytes')];
  const [retries, checkpoints] = [counter('retries'), counter('checkpoints')];
  const lag = meter.createObservableGauge(...described(producerInstruments.lag));
  const observeCounts = (result: BatchObservableResult) => {
    for (const [collection, counts] of Object.entries(read())) {
      const of = { 'hospital.collection': collection };
      result.observe(messages, counts.messages, of);
      result.observe(bytes, counts.bytes, of);
      result.observe(retries, counts.readRetries, { ...of, 'hospital.step': 'read' });
      result.observe(retries, counts.publishRetries, { ...of, 'hospital.step': 'publish' });
      result.observe(checkpoints, counts.checkpoints, of);
      if (counts.lagSeconds !== undefined) result.observe(lag, counts.lagSeconds, of);
    }
  };
  meter.addBatchObservableCallback(observeCounts, [messages, bytes, retries, checkpoints, lag]);
  return measuring;
}

export const producerInstruments = {
  messages: {
    name: 'hospital.producer.messages',
    unit: '{message}',
    description: 'Messages that Pub/Sub acknowledged',
    attributes: ['hospital.collection'],
  },
  bytes: {
    name: 'hospital.producer.sent',
    unit: 'By',
    description: 'Data of the messages that Pub/Sub acknowledged',
    attributes: ['hospital.collection'],
  },
  retries: {
    name: 'hospital.producer.retries',
    unit: '{retry}',
    description: 'What was tried again: `read` asked the service, `publish` a page at Pub/Sub',
    attributes: ['hospital.collection', 'hospital.step'],
  },
  checkpoints: {
    name: 'hospital.producer.checkpoints',
    unit: '{checkpoint}',
    description: 'Checkpoints that were written',
    attributes: ['hospital.collection'],
  },
  lag: {
    name: 'hospital.producer.lag',
    unit: 's',
    description: 'How far the feed’s newest position is ahead of what was acknowledged',
    attributes: ['hospital.collection'],
  },
} as const satisfies Readonly<Record<string, Instrument>>;
