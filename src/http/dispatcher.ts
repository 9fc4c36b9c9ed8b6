/** openapi-backend set up for OpenAPI 3.1: it routes, asks for the key, validates, and calls the operation. */
import type { ErrorObject } from 'ajv';
import Negotiator from 'negotiator';
import {
  type Context,
  type Document,
  OpenAPIBackend,
  type Operation,
  type Options,
} from 'openapi-backend';
import { type Audit, recordAnswer } from '../audit/record-answer.js';
import type { Contract } from '../contract/contract.js';
import { type OpenApiDocument, type OperationObject, resolve } from '../contract/document.js';
import { quickAjv } from '../contract/formats.js';
import type { Operations } from '../contract/operations.js';
import type { Log } from '../log.js';
import { type FieldError, problems } from '../problem.js';
import { type Authenticate, enter, keyOf, refusalOf } from './authenticate.js';
import type { Admission } from './limits/admission.js';
import type { Exports } from './limits/exports.js';
import type { RateLimits } from './limits/rate-limits.js';
import { isStream, type Reply, writeReply } from './reply.js';
import { type Exchange, requestUrls } from './request.js';
import { type ResponseCheck, type ResponseCheckMode, responseChecks } from './response-check.js';
import { sunsetHeaders } from './response-headers.js';
import { ContractRouter } from './router.js';

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

/**
 * @returns a function that answers the preferred type for an `Accept` header; where the operation documents 406 it
 *   throws that when none fits, elsewhere it answers the first type
 */
function preferredType(document: OpenApiDocument, operation: OperationObject) {
  const offered = offeredTypes(document, operation);
  const [first] = offered;
  return (accept: string | string[] | undefined): string | undefined => {
    if (accept === undefined || accept === '*/*' || accept === first) return first;
    const negotiator = new Negotiator({ headers: { accept: String(accept) } });
    const [preferred] = negotiator.mediaTypes(offered);
    if (preferred === undefined && '406' in operation.responses) {
      throw problems.notAcceptable(offered);
    }
    return preferred ?? first;
  };
}

/** The value of `Vary` of the operation's answers. */
function varyOf(document: OpenApiDocument, operation: OperationObject): string {
  const isChosen = offeredTypes(document, operation).length > 1;
  return isChosen ? 'Accept, Accept-Encoding' : 'Accept-Encoding';
}

function offeredTypes(document: OpenApiDocument, { responses }: OperationObject) {
  const success = responses['200'];
  return Object.keys((success && resolve(document, success).content) ?? {});
}

function fieldErrors(errors: readonly ErrorObject[]): readonly FieldError[] {
  const found = errors.map(fieldError);
  return found.filter(
    ({ parameter, detail }, index) =>
      found.findIndex((other) => other.parameter === parameter && other.detail === detail) ===
      index,
  );
}

function fieldError({ instancePath, keyword, params, message, data }: ErrorObject): FieldError {
  const [, , parameter] = instancePath.split('/').map((step) => step.replaceAll('~1', '/'));
  if (keyword === 'additionalProperties') {
    return {
      parameter: String(params.additionalProperty),
      detail: 'is not a parameter of this operation',
    };
  }
  return {
    parameter: parameter ?? instancePath,
    detail: Array.isArray(data) ? 'must be given once only' : (message ?? `must fit ${keyword}`),
  };
}

interface AnswerOptions {
  /** Of an operation that needs a key. */
  readonly audit: Audit | undefined;
  /** Without it they are not bounded. */
  readonly exports: Exports | undefined;
}

async function giveAnswer(
  exchange: Exchange,
  reply: Reply,
  { audit, exports }: AnswerOptions,
): Promise<void> {
  const give = async (ends?: AbortSignal) => {
    const told = audit === undefined ? reply : await recordAnswer(audit, exchange, reply);
    await writeReply(exchange, told, ends);
  };
  // Before the audit is told: what is refused for want of room discloses nothing.
  await (isStream(reply.body) && exports ? exports.run(exchange.requestId, give) : give());
}
