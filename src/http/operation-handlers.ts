/** Calls the function of an operation with the request's values, and sends its reply once the audit has recorded it. */
import Negotiator from 'negotiator';
import type { Contract } from '../contract/contract.js';
import { type OpenApiDocument, type OperationObject, resolve } from '../contract/document.js';
import { type Disclosure, isStream, type Operations } from '../contract/operations.js';
import type { Log } from '../log.js';
import { type Problem, problems } from '../problem.js';
import type { Admission } from './limits/admission.js';
import { type Reply, writeReply } from './reply.js';
import type { RequestContext } from './request.js';
import { type ResponseCheckMode, responseChecks } from './response-check.js';
import { sunsetHeaders } from './response-headers.js';
import type { HandlerArgs } from './router.js';

/** Who asked for what, as the access audit records it. */
export interface CallFacts {
  readonly requestId: string;
  readonly method: string;
  readonly operation: string | undefined;
  readonly scheme: string | undefined;
  readonly consumer: string | undefined;
  readonly keyVersion: string | undefined;
  /** The address that the request came from. */
  readonly client: string;
  /** The parameters of the path; nothing before they were validated. */
  readonly asked: Readonly<Record<string, string>> | undefined;
}

interface AuditedAnswer {
  readonly status: number;
  readonly disclosed: Disclosure | undefined;
  readonly body: unknown;
  /** Whether none of the body is sent: `HEAD`, or the client has gone. */
  readonly isUnsent: false | 'head' | 'gone';
}

/** What records each call of an operation that needs a key, before its answer leaves. */
export interface AnswerAudit {
  /**
   * @returns the body to send; one that streams records its own end
   * @throws Problem 503 when the call cannot be recorded, and has to be
   */
  recordAnswer(call: CallFacts, answer: AuditedAnswer): Promise<unknown>;
  /** A refusal discloses nothing, so it is sent even where it cannot be recorded. */
  recordRefusal(call: CallFacts, problem: Pick<Problem, 'status' | 'slug'>): Promise<void>;
}

export function callFacts({ requestId, method, client, outcome }: RequestContext): CallFacts {
  const { operationId, scheme, consumer, keyVersion, pathParams } = outcome;
  return {
    ...{ requestId, method, operation: operationId, scheme, consumer, keyVersion, client },
    asked: pathParams,
  };
}

export interface HandlerOptions {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly log: Log;
  /** Nobody records without it. */
  readonly audit?: AnswerAudit | undefined;
  /** Bounds what is under way; without it nothing is bounded. */
  readonly admission?: Pick<Admission, 'runOperation' | 'runExport'> | undefined;
  /** Whether answers are held against the contract; never without it. */
  readonly responseCheck?: ResponseCheckMode;
}

type Operate = (call: object) => Reply | Promise<Reply>;

/** By the operation's id. */
export function createOperationHandlers(options: HandlerOptions) {
  const { contract, operations } = options;
  const checkOf = responseChecks(contract.document, options.log, options.responseCheck);
  const described = Object.values(contract.document.paths).flatMap(({ get }) => get ?? []);
  return Object.fromEntries(
    described.flatMap((operation) => {
      // The contract in use may have fewer operations, and a test's more, than the types know.
      const operate = (operations as Partial<Record<string, Operate>>)[operation.operationId];
      if (operate === undefined) return [];
      const check = checkOf(operation);
      const checked: Operate = async (call) => check(await operate(call));
      return [[operation.operationId, handlerOf(operation, checked, options)]];
    }),
  );
}

function handlerOf(
  operation: OperationObject,
  operate: Operate,
  { contract, audit, admission }: HandlerOptions,
) {
  const accept = preferredType(contract.document, operation);
  const sunset = sunsetHeaders(contract.document, operation);
  const vary = varyOf(contract.document, operation);
  return async (...[{ request: parsed }, routed]: HandlerArgs): Promise<void> => {
    const { request, target, rawQuery } = routed;
    const { headers, response, outcome } = request;
    // Validated against the contract, whose path parameters are all texts.
    const pathParams = parsed.params as Readonly<Record<string, string>>;
    outcome.pathParams = pathParams;
    const prefer = headers.prefer?.toString();
    const isSecured = target.scheme !== undefined;
    const isWaiting = /\bwait\s*=/i.test(prefer ?? '');
    if (isWaiting) outcome.answering = 'wait';
    const call = {
      ...{ pathParams, query: parsed.query as object, rawQuery, prefer },
      ifNoneMatch: headers['if-none-match']?.toString(),
      accept: accept(headers.accept),
      signal: isWaiting ? closedSignal(response) : neverAborted,
    };
    // What waits for news does nothing meanwhile; what needs no key has to be answered whatever the load.
    const isBounded = isSecured && !isWaiting;
    const reply = await (isBounded && admission !== undefined
      ? admission.runOperation(() => operate(call))
      : operate(call));
    response.setHeaders(sunset(rawQuery));
    response.setHeader('Vary', vary);
    await sendReply(request, reply, { audit: isSecured ? audit : undefined, admission });
  };
}

/** For answers that wait for nothing: each abort would build an exception with its stack. */
const neverAborted = new AbortController().signal;

function closedSignal(response: RequestContext['response']): AbortSignal {
  const closed = new AbortController();
  response.once('close', () => {
    closed.abort();
  });
  return closed.signal;
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

function varyOf(document: OpenApiDocument, operation: OperationObject): string {
  const isChosen = offeredTypes(document, operation).length > 1;
  return isChosen ? 'Accept, Accept-Encoding' : 'Accept-Encoding';
}

function offeredTypes(document: OpenApiDocument, { responses }: OperationObject) {
  const success = responses['200'];
  return Object.keys((success && resolve(document, success).content) ?? {});
}

async function sendReply(
  request: RequestContext,
  reply: Reply,
  { audit, admission }: Pick<HandlerOptions, 'audit' | 'admission'>,
): Promise<void> {
  const send = async (signal?: AbortSignal) => {
    const body = audit === undefined ? reply.body : await record(audit, request, reply);
    if (isStream(body)) request.outcome.answering = 'export';
    await writeReply(request, { ...reply, body }, signal);
  };
  // The bound comes before the audit: what is refused for want of room discloses nothing.
  await (isStream(reply.body) && admission !== undefined
    ? admission.runExport(request.requestId, send)
    : send());
}

function record(
  audit: AnswerAudit,
  request: RequestContext,
  { status, disclosed, body }: Reply,
): Promise<unknown> {
  const isHead = request.method === 'HEAD';
  const isUnsent = request.response.destroyed ? 'gone' : isHead ? 'head' : false;
  return audit.recordAnswer(callFacts(request), { status, disclosed, body, isUnsent });
}
