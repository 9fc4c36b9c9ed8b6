/** What answers requests: the Express application with what it is given, behind admission, on its port. */
import type { Audit } from './audit/audit.js';
import type { Config } from './config.js';
import type { Contract } from './contract/contract.js';
import type { Operations } from './contract/operations.js';
import { createAdmission } from './http/admission.js';
import { createApp } from './http/app.js';
import { createExports } from './http/exports.js';
import { clientAddress } from './http/client-address.js';
import { networksOf } from './http/networks.js';
import { createRateLimits } from './http/rate-limits.js';
import type { RefusalTally } from './http/refusal-tally.js';
import { createRefuseEarly } from './http/refuse-early.js';
import { withReadableHead } from './http/request-head.js';
import { listen } from './http/server.js';
import { createAuthenticate } from './security/authenticate.js';
import { createFailedAttempts } from './security/failed-attempts.js';
import type { Log } from './log.js';
import type { Keys } from './security/keys.js';
import type { Telemetry } from './telemetry/telemetry.js';

export interface ConfiguredHttpOptions {
  readonly config: Config;
  readonly contract: Contract;
  readonly log: Log;
  /** The clock of limits. */
  readonly now?: () => number;
  readonly operations: Operations;
  readonly keys: Keys;
  readonly audit: Audit | undefined;
  readonly tally: RefusalTally;
  readonly ending: AbortController;
  readonly telemetry: Telemetry | undefined;
}

export async function serveHttp(options: ConfiguredHttpOptions) {
  const { config, contract, log, operations, audit, tally, ending } = options;
  const observer = options.telemetry?.requests;
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
    authenticate: authenticateBy(options),
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

function authenticateBy({ keys, config, now = Date.now }: ConfiguredHttpOptions) {
  const { allowedClients } = config.transport;
  const isAllowed = allowedClients === undefined ? () => true : networksOf(allowedClients);
  return createAuthenticate({ ring: keys, attempts: createFailedAttempts({ now }), isAllowed });
}
