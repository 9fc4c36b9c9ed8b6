/** openapi-backend set up for OpenAPI 3.1: it routes, asks for the key, validates, and calls the operation. */
import {
  type Context,
  type Document,
  OpenAPIBackend,
  type Options,
  type Operation,
} from 'openapi-backend';
import type { Contract } from '../contract/contract.js';
import type { OperationObject } from '../contract/document.js';
import type { Operations } from '../contract/operations.js';
import type { Log } from '../log.js';
import { problems } from '../problem.js';
import { preferredType, varyOf } from './accept.js';
import type { Admission } from './admission.js';
import { giveAnswer } from './answer.js';
import type { Audit } from './audit.js';
import type { Authenticate } from './authenticate.js';
import type { Exports } from './exports.js';
import type { RateLimits } from './rate-limits.js';
import type { Reply } from './reply.js';
import type { Exchange } from './exchange.js';
import { ContractRouter } from './router.js';
import { fieldErrors } from './field-errors.js';
import { quickAjv } from './quick-ajv.js';
import { requestUrls } from './request-url.js';
import { type ResponseCheck, type ResponseCheckMode, responseChecks } from './response-check.js';
import { enter, keyOf, refusalOf } from './security-results.js';
import { sunsetHeaders } from './sunset-headers.js';

export interface Dispatcher {
  /** Answers the request, or throws the problem that refuses it. */
  dispatch(exchange: Exchange): Promise<void>;
  /** What the contract allows on a path, as `Allow` says it; nothing when it has no such path. */
  allowOf(path: string): string | undefined;
}

interface DispatcherOptions {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly log: Log;
  readonly audit?: Audit | undefined;
  readonly admission?: Pick<Admission, 'run'>;
  readonly exports?: Exports;
  readonly rateLimits?: RateLimits;
  /** Whether answers are held against the contract; never without it. */
  readonly responseCheck?: ResponseCheckMode;
}

/** Its document is given whole: the library would resolve it a second time, for nobody. */
class Backend extends OpenAPIBackend {
  override loadDocument(): Promise<Document> {
    return Promise.resolve(this.definition);
  }
}

export async function createDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const backend = await new Backend(backendOptions(options)).init();
  const router = new ContractRouter(backend.definition);
  backend.router = router;
  backend.validator.router = router;
  return {
    allowOf: (path) => router.allowOf(path),
    dispatch: async (exchange) => {
      const { method, path, query, headers } = exchange;
      // The contract promises GET; HEAD is the same answer without its body.
      const asked = method === 'HEAD' ? 'GET' : method;
      await backend.handleRequest({ method: asked, path, query, headers }, exchange);
    },
  };
}

/** Handlers get the exchange behind the context that openapi-backend makes. */
type Handled = readonly [context: Context, exchange: Exchange];

/**
 * Strict, so that a seam without a handler refuses rather than lets pass. Quick, so that schemas compile when they
 * are used, and because it leaves out a check of the document that knows OpenAPI 3.0 only: `redocly lint` proves it.
 */
function backendOptions(options: DispatcherOptions): Options {
  const { contract, authenticate } = options;
  return {
    // The library's own document type wants every optional part of the specification spelled out.
    definition: structuredClone(contract.document) as unknown as Document,
    strict: true,
    quick: true,
    // Its type knows the draft-07 class only; the 2020-12 one has the same methods.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    customizeAjv: () => quickAjv({ allErrors: true, verbose: true }),
    securityHandlers: Object.fromEntries(
      Object.entries(contract.document.components.securitySchemes).map(([scheme, { name }]) => [
        scheme,
        (...[{ request }, { client }]: Handled) =>
          authenticate(scheme, keyOf(request.headers, name), client),
      ]),
    ),
    handlers: {
      ...operationHandlers(options),
      ...refusals,
      postSecurityHandler: (...[{ security }, exchange]: Handled) => {
        enter(security, exchange, options.rateLimits);
      },
      postRoutingHandler: noteOperation(),
    },
  };
}

/** Notes for the log what was asked for, of the operations that the contract has. */
function noteOperation() {
  const urls = new Map<Operation | undefined, ReturnType<typeof requestUrls>>();
  return (...[{ operation }, exchange]: Handled) => {
    // Behind a path that the contract does not have.
    if ((operation as Operation | undefined) === undefined) return;
    const urlOf = urls.get(operation) ?? requestUrls(operation);
    urls.set(operation, urlOf);
    exchange.operationId = operation.operationId;
    exchange.route = operation.path;
    [exchange.scheme] = Object.keys(operation.security?.[0] ?? {});
    exchange.url = urlOf(exchange.query);
  };
}

const refusals = {
  unauthorizedHandler: (...[context]: Handled) => {
    throw refusalOf(context);
  },
  validationFail: (...[context]: Handled) => {
    throw problems.invalidParameter(fieldErrors(context.validation.errors ?? []));
  },
  notFound: () => {
    throw problems.notFound();
  },
  methodNotAllowed: (...[, { allow }]: Handled) => {
    throw problems.methodNotAllowed(allow ?? '');
  },
  notImplemented: (...[{ operation }]: Handled) => {
    throw new Error(`no function for operation ${operation.operationId ?? ''}`);
  },
};

function operationHandlers(options: DispatcherOptions) {
  const { contract, operations, log, responseCheck } = options;
  const checkOf = responseChecks(contract.document, log, responseCheck);
  const described = Object.values(contract.document.paths).flatMap(({ get }) => get ?? []);
  return Object.fromEntries(
    described.flatMap((operation) => {
      // The contract in use may have fewer operations, and a test's more, than the types know.
      const operate = (operations as Partial<Record<string, Operate>>)[operation.operationId];
      if (operate === undefined) return [];
      const check = checkOf(operation);
      return [[operation.operationId, handlerOf(operation, operate, check, options)]];
    }),
  );
}

const unbounded: Pick<Admission, 'run'> = { run: async (work) => work() };

type Operate = (call: object) => Reply | Promise<Reply>;

function handlerOf(
  operation: OperationObject,
  operate: Operate,
  check: ResponseCheck,
  { contract, audit, admission = unbounded, exports }: DispatcherOptions,
) {
  const accept = preferredType(contract.document, operation);
  const sunset = sunsetHeaders(contract.document, operation);
  const vary = varyOf(contract.document, operation);
  return async (...[{ request }, exchange]: Handled): Promise<void> => {
    // Checked against the contract, which knows no other parameters in paths than texts.
    exchange.asked = request.params as Readonly<Record<string, string>>;
    const call = {
      path: request.params as object,
      query: request.query as object,
      sent: exchange.query,
      prefer: exchange.headers.prefer?.toString(),
      held: exchange.headers['if-none-match']?.toString(),
      accept: accept(exchange.headers.accept),
      whenGone: (leave: () => void) => void exchange.response.once('close', leave),
    };
    const isSecured = exchange.scheme !== undefined;
    if (/\bwait\s*=/i.test(call.prefer ?? '')) exchange.answering = 'wait';
    // What waits for news does nothing meanwhile; what needs no key has to be answered whatever the load.
    const isCounted = isSecured && exchange.answering !== 'wait';
    const reply = check(isCounted ? await admission.run(() => operate(call)) : await operate(call));
    exchange.response.setHeaders(sunset(exchange.query));
    exchange.response.setHeader('Vary', vary);
    await giveAnswer(exchange, reply, { audit: isSecured ? audit : undefined, exports });
  };
}
