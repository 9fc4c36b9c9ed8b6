/** Whether a saved checkpoint belongs to the service that is read. */
import type { Checkpoint } from './checkpoint.js';
import { ProducerFault } from './producer-fault.js';

/** @throws ProducerFault when it is of another service */
export function assertOwn(saved: Checkpoint | undefined, service: string): void {
  if (saved === undefined || saved.service === service) return;
  throw new ProducerFault(
    'configuration',
    `the checkpoint is of ${saved.service}, and SERVICE_URL is ${service}: correct SERVICE_URL or CHECKPOINT, or publish everything anew with --from-start (after a mere change of address too, which does no harm)`,
  );
}

/** The store was restored: what the table has may be ahead of it, so nothing goes on by itself. */
export function otherHistory(collection: string, epoch: string | undefined): ProducerFault {
  const present = epoch === undefined ? '' : ` (now ${epoch})`;
  return new ProducerFault(
    'configuration',
    `the checkpoint of ${collection} is of another history of the feed${present}: the service's store was restored or replaced. If that is right, publish everything anew with --from-start, then look for rows that no longer exist with: npm run reconcile`,
  );
}
