/** What the service's refusals mean to the producer, and what mends them. */
import {
  HistoryEnded,
  KeyRefused,
  KeySourceFailed,
  RequestRefused,
  ServiceUnavailable,
} from '@hospital-streaming-api/client';
import { otherHistory } from './own-checkpoint.js';
import { ProducerFault } from './producer-fault.js';

/** The same error where nothing better can be said. */
export function explained(name: string, error: unknown): unknown {
  if (error instanceof HistoryEnded) return otherHistory(name, error.epoch);
  if (error instanceof KeyRefused) {
    return new ProducerFault(
      'permission',
      `the service refuses the key of ${name}: give the producer the present one (API_KEYS_DIR, ${name.toUpperCase()}_API_KEY or Secret Manager), or see which there are with: npm run keys -- list ${name}`,
    );
  }
  if (error instanceof KeySourceFailed) {
    const why = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return new ProducerFault(
      isAway(error.cause) ? 'unavailable' : 'permission',
      `${error.message}${why}`,
    );
  }
  if (error instanceof ServiceUnavailable) {
    const message = `${error.message}: see that it runs and that SERVICE_URL is right; the next run goes on where this one was`;
    return new ProducerFault('unavailable', message);
  }
  if (error instanceof RequestRefused) {
    const message = `${error.message} for ${name}: see that SERVICE_URL names the service itself, and that the checkpoint was not edited`;
    return new ProducerFault('configuration', message);
  }
  return error;
}

/** Of what stores keys, as told by a fault's kind. */
function isAway(cause: unknown): boolean {
  return cause instanceof Error && 'kind' in cause && cause.kind === 'unreachable';
}
