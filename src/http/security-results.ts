/** What openapi-backend keeps of the security handlers' answers, read: who was let in, or why nobody was. */
import type { Context, Operation } from 'openapi-backend';
import { Problem, problems } from '../problem.js';
import type { Granted } from './authenticate.js';
import type { Exchange } from './exchange.js';
import type { RateLimits } from './rate-limits.js';

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
