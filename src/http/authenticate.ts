/** What http asks of security. */
import type { Context, Operation } from 'openapi-backend';
import { Problem, problems } from '../problem.js';
import type { RateLimits } from './limits/rate-limits.js';
import type { Exchange } from './request.js';

/**
 * @param client the address that the request came from
 * @returns whose key it is and which version of it, or nothing when the scheme does not know the key
 * @throws Problem when the client is refused for another reason; any other error when that cannot be told at present
 */
export type Authenticate = (
  scheme: string,
  key: string | undefined,
  client: string,
) => Promise<Granted | undefined>;

interface Granted {
  readonly consumer: string;
  readonly version?: string;
}

/** Notes for the access log whose request it is, and counts it. */
export function enter(
  security: Context['security'],
  exchange: Exchange,
  limits?: RateLimits,
): void {
  for (const [scheme, granted] of Object.entries(security)) {
    if (!isGranted(granted)) continue;
    exchange.consumer = granted.consumer;
    exchange.keyVersion = granted.version;
    const fields = limits?.take(scheme, granted.consumer) ?? {};
    for (const [name, value] of Object.entries(fields)) exchange.response.setHeader(name, value);
  }
}

function isGranted(result: unknown): result is Granted {
  return typeof result === 'object' && result !== null && 'consumer' in result;
}

/** A scheme that could not be asked is stored as `{ error }`, which looks like a wrong key unless looked for. */
export function refusalOf({ operation, security }: Context): Problem {
  const results = Object.values(security);
  const failed = results.find(
    (result): result is { error: unknown } =>
      typeof result === 'object' && result !== null && 'error' in result,
  );
  if (failed?.error instanceof Problem) return failed.error;
  if (failed !== undefined) return problems.keysUnavailable({ cause: failed.error });
  return problems.unauthorized(realmOf(operation));
}

function realmOf({ security }: Operation): string {
  return Object.keys(security?.[0] ?? {})[0] ?? 'unknown';
}

export function keyOf(headers: unknown, name: string | undefined): string | undefined {
  const value = (headers as Readonly<Record<string, unknown>>)[(name ?? '').toLowerCase()];
  return typeof value === 'string' ? value : undefined;
}
