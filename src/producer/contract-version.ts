/** The version of the contract that the service serves, as messages carry it. */
import type { HospitalClient } from '@hospital-streaming-api/client';

const freshMs = 60_000;

/** Asked for again after a while: a service is replaced while the producer runs. */
export function createContractVersion(
  { api }: HospitalClient,
  known: string,
): () => Promise<string> {
  let version = known;
  let askedMs = -Infinity;
  return async () => {
    if (performance.now() - askedMs < freshMs) return version;
    askedMs = performance.now();
    const answer = await api.GET('/health/live').catch(() => undefined);
    version = answer?.data?.contract_version ?? version;
    return version;
  };
}
