/** The catalogue of every refusal: fixed words for the client, the cause for the log (RFC 9457). */

export interface FieldError {
  readonly parameter?: string;
  readonly pointer?: string;
  readonly dependency?: 'store' | 'keys' | 'contract';
  readonly detail: string;
}

interface Facts {
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal on its way to the client; its cause is for the log alone. */
export class Problem extends Error {
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    /** The last step of the problem's `type`, and its heading in the documentation. */
    readonly slug: string,
    readonly status: number,
    readonly title: string,
    { detail, errors, headers = {} }: Facts,
    options?: ErrorOptions,
  ) {
    // Where a refusal comes from is of no use, and finding out is most of what it would cost.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Problem';
    this.errors = errors;
    this.headers = headers;
  }
}

/** Seconds after which a client may try again what could not be answered now. */
const retryAfterSeconds = '5';
/** An export takes longer than a page. */
const exportRetryAfterSeconds = '30';

export const problems = {
  badRequest: (detail: string) => new Problem('bad-request', 400, 'Bad request', { detail }),
  invalidParameter: (errors: readonly FieldError[]) =>
    new Problem('invalid-parameter', 400, 'Invalid parameter', {
      detail: 'The request does not fit the contract; `errors` says where and what would be right.',
      errors,
    }),
  invalidCursor: (detail: string) =>
    new Problem('invalid-cursor', 400, 'Invalid cursor', {
      detail,
      errors: [{ parameter: 'cursor', detail }],
    }),
  unauthorized: (realm: string) =>
    new Problem('unauthorized', 401, 'Unauthorized', {
      detail: `Send a valid key of the collection ${realm} in the header x-api-key.`,
      headers: { 'WWW-Authenticate': `ApiKey realm="${realm}"` },
    }),
  clientNotAllowed: () =>
    new Problem('client-not-allowed', 403, 'Client not allowed', {
      detail: 'This service does not answer the address that the request came from.',
    }),
  notFound: () =>
    new Problem('not-found', 404, 'Not found', {
      detail: 'There is nothing at this path; /openapi.json lists the paths that there are.',
    }),
  recordNotFound: () =>
    new Problem('record-not-found', 404, 'Record not found', {
      detail: 'The collection has no record of this id.',
    }),
  methodNotAllowed: (allow: string) =>
    new Problem('method-not-allowed', 405, 'Method not allowed', {
      detail: `This path answers ${allow}.`,
      headers: { Allow: allow },
    }),
  notAcceptable: (offered: readonly string[]) =>
    new Problem('not-acceptable', 406, 'Not acceptable', {
      detail: `This path answers ${offered.join(' or ')}; let Accept allow one of them.`,
    }),
  requestTimeout: () =>
    new Problem('request-timeout', 408, 'Request timeout', {
      detail: 'The request did not arrive in time; send it again.',
    }),
  /** @param start where the list begins; @param epoch the present history, as `Feed-Epoch` shows it */
  cursorExpired: (start: string, epoch: string) =>
    new Problem('cursor-expired', 410, 'Cursor of another history', {
      detail:
        'The store was restored, so that this cursor points into another history. Load afresh.',
      headers: { Link: `<${start}>; rel="first"`, 'Feed-Epoch': epoch },
    }),
  /** @param close ends the connection, so that the next attempt costs the client a new one */
  tooManyRequests: (retrySeconds: number) =>
    new Problem('too-many-requests', 429, 'Too many requests', {
      detail:
        'Too many wrong keys came from this address. Try again later with a valid key of this collection in the header x-api-key.',
      headers: { 'Retry-After': String(retrySeconds) },
    }),
  /** @param fields what the answer says of the limit */
  rateLimited: (retrySeconds: number, fields: Readonly<Record<string, string>>) =>
    new Problem('rate-limited', 429, 'Rate limited', {
      detail: 'This consumer sent more requests than the collection allows. Go on later.',
      headers: { ...fields, 'Retry-After': String(retrySeconds) },
    }),
  bodyTooLarge: () =>
    new Problem('body-too-large', 413, 'Body too large', {
      detail: 'No operation reads a body; send the request without one.',
      headers: { Connection: 'close' },
    }),
  headerFieldsTooLarge: (
    detail = 'The request line and headers together are too long; shorten them.',
  ) =>
    new Problem('header-fields-too-large', 431, 'Header fields too large', {
      detail,
    }),
  internal: (options?: ErrorOptions) =>
    new Problem(
      'internal-error',
      500,
      'Internal error',
      { detail: 'The service failed; its log tells why under this request id.' },
      options,
    ),
  auditUnavailable: (options?: ErrorOptions) =>
    new Problem(
      'audit-unavailable',
      503,
      'Audit unavailable',
      {
        detail: 'The access cannot be recorded at present, so nothing is given. Try again later.',
        headers: { 'Retry-After': retryAfterSeconds },
      },
      options,
    ),
  keysUnavailable: (options?: ErrorOptions) =>
    new Problem(
      'keys-unavailable',
      503,
      'Keys unavailable',
      {
        detail: 'The service cannot tell at present whether the key is valid. Try again later.',
        headers: { 'Retry-After': retryAfterSeconds },
      },
      options,
    ),
  notReady: (errors: readonly FieldError[]) =>
    new Problem('not-ready', 503, 'Not ready', {
      detail: 'The service waits for what `errors` names.',
      errors,
      headers: { 'Retry-After': retryAfterSeconds },
    }),
  overloaded: () =>
    new Problem('overloaded', 503, 'Overloaded', {
      detail: 'The service has more to do than it can. Try again later.',
      headers: { 'Retry-After': '1' },
    }),
  tooManyExports: () =>
    new Problem('too-many-exports', 503, 'Too many exports', {
      detail:
        'As many whole feeds are being sent as may be. Try again later, or read pages: send `limit`.',
      headers: { 'Retry-After': exportRetryAfterSeconds },
    }),
  ending: () =>
    new Problem('not-ready', 503, 'Not ready', {
      detail: 'The service is ending; another instance answers.',
      headers: { 'Retry-After': retryAfterSeconds },
    }),
  storeUnavailable: (options?: ErrorOptions) =>
    new Problem(
      'store-unavailable',
      503,
      'Store unavailable',
      {
        detail: 'The store cannot be reached at present. Try again later.',
        headers: { 'Retry-After': retryAfterSeconds },
      },
      options,
    ),
};
