/** The headers that keep a browser from doing with an answer what an API's answer is not for. */
import {
  type OpenApiDocument,
  type OperationObject,
  type Parameter,
  resolve,
} from '../contract/document.js';

const noPage = "default-src 'none'; frame-ancestors 'none'";

/**
 * The policy that a page brings along, which names its own scripts by their hashes. A page without one may do nothing.
 * A page cannot say by itself who may frame it.
 */
export function pagePolicyOf(page: string): string {
  const own = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page)?.[1];
  return own === undefined ? noPage : `${own}; frame-ancestors 'none'`;
}

const yearSeconds = 31_536_000;

/** @param overTls whether clients come by TLS: only then may they be told to come by nothing else */
export function safetyHeaders(overTls: boolean): Map<string, string> {
  return new Map([
    ['x-content-type-options', 'nosniff'],
    ['content-security-policy', noPage],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-resource-policy', 'same-origin'],
    ...(overTls ? hsts : []),
  ]);
}

const hsts = [['strict-transport-security', `max-age=${yearSeconds}`]] as const;

export type SunsetHeaders = (query: Readonly<Record<string, unknown>>) => Map<string, string>;

interface Notice {
  /** Unix seconds. */
  readonly since: number;
  /** Unix seconds, where the contract says until when it stays. */
  readonly until: number | undefined;
}

/**
 * The headers of an answer to a request with such a query: none, unless the operation or a parameter in use is
 * deprecated. Of several the earliest days are said.
 * @see RFC 9745, RFC 8594
 */
export function sunsetHeaders(
  document: OpenApiDocument,
  operation: OperationObject,
): SunsetHeaders {
  const own = noticesOf(operation);
  const parameters = (operation.parameters ?? []).flatMap((each) => {
    const { name, in: place, ...rest } = resolve<Parameter>(document, each);
    return place === 'query' ? noticesOf(rest).map((notice) => ({ name, notice })) : [];
  });
  if (own.length === 0 && parameters.length === 0) return () => none;
  return (query) => {
    const used = parameters.filter(({ name }) => name in query).map(({ notice }) => notice);
    return headersOf([...own, ...used]);
  };
}

const none = new Map<string, string>();

function noticesOf(described: object): readonly Notice[] {
  const facts = described as Readonly<Record<string, unknown>>;
  if (facts.deprecated !== true) return [];
  return [
    { since: secondsOf(facts['x-deprecated-since']) ?? 0, until: secondsOf(facts['x-sunset']) },
  ];
}

function headersOf(notices: readonly Notice[]): Map<string, string> {
  if (notices.length === 0) return none;
  const since = Math.min(...notices.map((notice) => notice.since));
  const ends = notices.flatMap(({ until }) => until ?? []);
  return new Map([
    ['Deprecation', `@${since}`],
    ...(ends.length > 0
      ? [['Sunset', new Date(Math.min(...ends) * 1000).toUTCString()] as const]
      : []),
  ]);
}

/** A day of the contract, `YYYY-MM-DD`, at its first second in UTC. */
function secondsOf(day: unknown): number | undefined {
  const time = typeof day === 'string' ? Date.parse(day) : NaN;
  return Number.isNaN(time) ? undefined : time / 1000;
}
