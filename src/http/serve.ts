/** What answers requests: the Express application with what it is given, behind admission, on its port. */
import type { Audit } from '../audit/record-answer.js';
import type { Config } from '../config/config.js';
import type { Contract } from '../contract/contract.js';
import type { Operations } from '../contract/operations.js';
import type { Log } from '../log.js';
import { createApp } from './app.js';
import type { Authenticate } from './authenticate.js';
import { clientAddress } from './client-address.js';
import { createAdmission } from './limits/admission.js';
import type { RefusalTally } from './limits/error-aggregator.js';
import { createExports } from './limits/exports.js';
import { createRateLimits } from './limits/rate-limits.js';
import { createRefuseEarly } from './limits/refuse-early.js';
import type { RequestObserver } from './request.js';
import { listen, withReadableHead } from './server.js';

export interface ServeHttpOptions {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly audit: Audit | undefined;
  readonly tally: RefusalTally;
  readonly ending: AbortController;
  readonly observer: RequestObserver | undefined;
}

export async function serveHttp(options: ServeHttpOptions) {
  const { config, contract, log, operations, audit, tally, ending, observer } = options;
  const { trustProxy, tls, maxConnections, rateLimit } = config.transport;
  const overTls = tls !== undefined || config.publicUrl?.protocol === 'https:';
  const refuse = createRefuseEarly({
    ...{ overTls, tally, observer },
    clientOf: clientAddress(trustProxy),
  });
  const admission = createAdmission({
    ...config.transport,
    ...{ document: contract.document, refuse },
  });
  ending.signal.addEventListener('abort', () => {
    admission.end();
  });
  const app = await createApp({
    ...{ contract, operations, log, audit, tally, trustProxy },
    authenticate: options.authenticate,
    responseCheck: config.responseCheck,
    overTls,
    admission,
    exports: createExports(config.transport, log),
    observer,
    rateLimits: createRateLimits(contract.document, rateLimit),
  });
  return listen({
    app: withReadableHead(admission.guard(app), refuse),
    host: config.host,
    port: config.port,
    log,
    tls,
    maxConnections,
    observer,
  });
}
