/** Joins what answers requests: the Express application behind admission, on its port. */
import type { Config } from '../config/config.js';
import type { Contract } from '../contract/contract.js';
import type { Operations } from '../contract/operations.js';
import type { Log } from '../log.js';
import { createApp } from './app.js';
import { clientAddress } from './client-address.js';
import type { Authenticate } from './dispatcher.js';
import { createAdmission } from './limits/admission.js';
import type { ErrorAggregator } from './limits/error-aggregator.js';
import { createRateLimits } from './limits/rate-limits.js';
import { createRefuseEarly } from './limits/refuse-early.js';
import { createUnauthenticatedPace } from './limits/unauthenticated-pace.js';
import type { AnswerAudit } from './operation-handlers.js';
import type { RequestObserver } from './request.js';
import { listen, withReadableHead } from './server.js';

export interface ServeHttpOptions {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly audit: AnswerAudit | undefined;
  readonly refusals: ErrorAggregator;
  /** Once it is aborted, each answer ends its connection. */
  readonly draining: AbortSignal;
  readonly observer: RequestObserver | undefined;
}

export async function serveHttp(options: ServeHttpOptions) {
  const { config, contract, log, refusals, observer } = options;
  const { trustProxy, tls, maxConnections, rateLimit } = config.transport;
  const overTls = tls !== undefined || config.publicUrl?.protocol === 'https:';
  const refuse = createRefuseEarly({
    ...{ overTls, refusals, observer },
    clientOf: clientAddress(trustProxy),
  });
  const pace = createUnauthenticatedPace();
  const admission = createAdmission({
    ...{ limits: config.transport, document: contract.document, refuse, log },
  });
  options.draining.addEventListener('abort', () => {
    admission.drain();
  });
  const app = await createApp({
    ...{ contract, log, refusals, trustProxy, overTls, admission, pace, observer },
    ...{ operations: options.operations, authenticate: options.authenticate },
    audit: options.audit,
    responseCheck: config.responseCheck,
    rateLimits: createRateLimits(contract.document, rateLimit),
  });
  return listen({
    app: withReadableHead(admission.guard(app), refuse, pace),
    ...{ host: config.host, port: config.port, log, tls, pace, maxConnections, observer },
  });
}
