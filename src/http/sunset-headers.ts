/** Tells clients that what they use will go: `Deprecation` and `Sunset`, from the contract alone. */
import {
  type OpenApiDocument,
  type OperationObject,
  type Parameter,
  resolve,
} from '../contract/document.js';

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
