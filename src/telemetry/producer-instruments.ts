/** Every metric that `hospital-api produce` gives; docs/metrics.md goes by this table. */
import type { Instrument } from './instruments.js';

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
