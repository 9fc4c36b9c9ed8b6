/**
 * openapi-backend set up for OpenAPI 3.1. A request is routed here once; the library then asks for the key, validates
 * the parameters and calls the operation's handler, in that order.
 */
import type { ErrorObject } from 'ajv';
import { type Context, type Document, OpenAPIBackend, type Options } from 'openapi-backend';
import type { Contract } from '../contract/contract.js';
import { quickAjv } from '../contract/formats.js';
import { type FieldError, Problem, problems } from '../problem.js';
import type { RateLimits } from './limits/rate-limits.js';
import type { UnauthenticatedPace } from './limits/unauthenticated-pace.js';
import { createOperationHandlers, type HandlerOptions } from './operation-handlers.js';
import { assertReadable, parseQuery, type RequestContext } from './request.js';
import {
  ContractRouter,
  type HandlerArgs,
  loggedUrl,
  type Routed,
  routedRequest,
} from './router.js';

/**
 * @param client the address that the request came from
 * @returns whose key it is and which version of it, or nothing when the scheme does not know the key
 * @throws Problem when the client is refused for another reason; any other error when that cannot be decided at present
 */
export type Authenticate = (
  scheme: string,
  key: string | undefined,
  client: string,
) => Promise<Caller | undefined>;

interface Caller {
  readonly consumer: string;
  readonly version?: string;
}

export interface DispatcherOptions extends HandlerOptions {
  readonly contract: Contract;
  readonly authenticate: Authenticate;
  readonly rateLimits?: RateLimits;
  readonly pace: UnauthenticatedPace;
}

/** Answers the request, or throws the problem that refuses it. */
export type Dispatch = (request: RequestContext) => Promise<void>;

/** Its document is given whole: the library would resolve it a second time, for nobody. */
class Backend extends OpenAPIBackend {
  override loadDocument(): Promise<Document> {
    return Promise.resolve(this.definition);
  }
}

export async function createDispatcher(options: DispatcherOptions): Promise<Dispatch> {
  const backend = await new Backend(backendOptions(options)).init();
  const router = new ContractRouter(backend.definition);
  backend.router = router;
  backend.validator.router = router;
  return async (request) => {
    assertReadable(request);
    const { method, path, queryText, response, outcome } = request;
    const match = router.match(path);
    if (method === 'OPTIONS' && match !== undefined) {
      if (!(await options.pace.turn(response.socket))) return;
      response.setHeader('Allow', match.allow);
      response.status(204).end();
      return;
    }
    const rawQuery = parseQuery(queryText);
    if (match === undefined) throw problems.notFound();
    const target = match.operations.get(method === 'HEAD' ? 'get' : method.toLowerCase());
    if (target === undefined) throw problems.methodNotAllowed(match.allow);
    const { operationId, route, scheme } = target;
    Object.assign(outcome, { operationId, route, scheme, url: loggedUrl(target, rawQuery) });
    if (scheme === undefined && !(await options.pace.turn(response.socket))) return;
    const { pathParams } = match;
    const routed: Routed = { request, target, rawQuery };
    await backend.handleRequest(routedRequest(request, target, { pathParams, rawQuery }), routed);
  };
}

/**
 * Strict, so that a seam without a handler refuses rather than lets pass. Quick, so that schemas compile when they
 * are used, and because it leaves out a check of the document that knows OpenAPI 3.0 only: `redocly lint` proves it.
 */
function backendOptions(options: DispatcherOptions): Options {
  const { contract, authenticate, rateLimits } = options;
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
        (...[, { request }]: HandlerArgs) =>
          authenticate(scheme, keyOf(request, name), request.client),
      ]),
    ),
    handlers: {
      ...createOperationHandlers(options),
      postSecurityHandler: (...args: HandlerArgs) => {
        admitCaller(...args, rateLimits);
      },
      unauthorizedHandler: (...args: HandlerArgs) => {
        throw unauthorized(...args);
      },
      validationFail: (...[{ validation }]: HandlerArgs) => {
        throw problems.invalidParameter(fieldErrors(validation.errors ?? []));
      },
      notImplemented: (...[, { target }]: HandlerArgs) => {
        throw new Error(`no function for operation ${target.operationId}`);
      },
    },
  };
}

function keyOf({ headers }: RequestContext, name = ''): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' ? value : undefined;
}

/** @throws Problem 429 when the consumer is past its limit */
function admitCaller(
  { security }: Context,
  { request: { outcome, response }, target: { scheme = '' } }: Routed,
  limits: RateLimits | undefined,
): void {
  const caller: unknown = security[scheme];
  if (!isCaller(caller)) return;
  Object.assign(outcome, { consumer: caller.consumer, keyVersion: caller.version });
  const headers = limits?.take(scheme, caller.consumer) ?? {};
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function isCaller(result: unknown): result is Caller {
  return typeof result === 'object' && result !== null && 'consumer' in result;
}

/** The library keeps what a security handler throws as `{ error }`, which would pass for a wrong key. */
function unauthorized({ security }: Context, { target: { scheme = 'unknown' } }: Routed): Problem {
  const result: unknown = security[scheme];
  if (typeof result !== 'object' || result === null || !('error' in result)) {
    return problems.unauthorized(scheme);
  }
  const { error } = result;
  return error instanceof Problem ? error : problems.keysUnavailable({ cause: error });
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
