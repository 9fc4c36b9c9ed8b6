/** With which status the producer ends: those of sysexits.h, so that a scheduler can tell them apart. */
import { ProducerFault, type ProducerFaultKind } from '../producer/producer-fault.js';
import { endOnFault } from './faults.js';

/** @see https://man7.org/linux/man-pages/man3/sysexits.h.3head.html */
const statuses: Readonly<Record<ProducerFaultKind, number>> = {
  data: 65,
  unavailable: 69,
  unwritable: 73,
  busy: 75,
  permission: 77,
  configuration: 78,
};

export async function endOnProducerFault(work: () => Promise<void>): Promise<void> {
  await endOnFault(async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProducerFault)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exit(statuses[error.kind]);
    }
  });
}
