/**
 * The contract's paths, compiled once. The library's own router rebuilds all of this for each request, takes
 * `/patients/` for `/patients`, and leaves it to Ajv to take `1e2` for an integer. The library asks a router four times
 * a request; this one searches once, before, and hands over what it found.
 */
import {
  type Context,
  type Document,
  OpenAPIRouter,
  type Operation,
  type ParsedRequest,
  type Request,
} from 'openapi-backend';
import type { JsonSchema, Parameter } from '../contract/document.js';
import type { RawQuery, RequestContext } from './request.js';

/** An operation of the contract, with what is read from it once. */
export interface RoutedOperation {
  readonly operation: Operation;
  readonly operationId: string;
  /** The path's template. */
  readonly route: string;
  /** The security scheme; nothing where it needs no key. */
  readonly scheme: string | undefined;
  readonly queryTypes: QueryTypes;
}

interface Route {
  /** By their methods in lower case. */
  readonly operations: ReadonlyMap<string, RoutedOperation>;
  /** Matches the raw path; its groups are the raw path parameters, in the order of `names`. */
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** The value of `Allow`. */
  readonly allow: string;
}

interface Match {
  readonly allow: string;
  readonly operations: Route['operations'];
  readonly pathParams: Readonly<Record<string, string>>;
}

export interface Routed {
  readonly request: RequestContext;
  readonly target: RoutedOperation;
  readonly rawQuery: RawQuery;
}

/** The library hands to each handler its own context, and then what it was given beside the request. */
export type HandlerArgs = readonly [context: Context, routed: Routed];

/** What the library is given in place of a bare request. */
export interface RoutedRequest extends Request {
  readonly operation: Operation;
  readonly parsed: ParsedRequest;
}

export class ContractRouter extends OpenAPIRouter {
  readonly #operations: Operation[];
  readonly #exact = new Map<string, Route>();
  readonly #templates: Route[] = [];

  constructor(definition: Document) {
    super({ definition, apiRoot: '/', ignoreTrailingSlashes: false });
    this.#operations = super.getOperations();
    for (const [path, operations] of groupByPath(this.#operations)) {
      const route = routeOf(path, operations);
      if (route.names.length === 0) this.#exact.set(path, route);
      else this.#templates.push(route);
    }
  }

  /** @returns nothing where the contract has no such path */
  match(path: string): Match | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return { ...exact, pathParams: {} };
    for (const { pattern, names, ...route } of this.#templates) {
      const values = pattern.exec(path);
      if (values !== null) return { ...route, pathParams: paramsOf(names, values) };
    }
    return undefined;
  }

  override getOperations(): Operation[] {
    return this.#operations;
  }

  override matchOperation({ operation }: RoutedRequest): Operation {
    return operation;
  }

  override parseRequest({ parsed }: RoutedRequest): ParsedRequest {
    return parsed;
  }
}

function paramsOf(names: readonly string[], [, ...values]: RegExpExecArray) {
  return Object.fromEntries(
    names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]),
  );
}

export function routedRequest(
  { path, headers }: RequestContext,
  { operation, queryTypes }: RoutedOperation,
  { pathParams, rawQuery }: Pick<Match, 'pathParams'> & { readonly rawQuery: RawQuery },
): RoutedRequest {
  // The contract promises GET; HEAD is the same answer without its body.
  const request = { method: 'GET', path, headers };
  const query = typedQuery(rawQuery, queryTypes);
  return {
    ...request,
    operation,
    parsed: { ...request, cookies: {}, query, params: { ...pathParams }, requestBody: undefined },
  };
}

function groupByPath(operations: readonly Operation[]): ReadonlyMap<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    groups.set(operation.path, [...(groups.get(operation.path) ?? []), operation]);
  }
  return groups;
}

function routeOf(path: string, operations: readonly Operation[]): Route {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  const literals = path
    .split(/\{[^}]+\}/)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const methods = operations.map(({ method }) => method.toUpperCase());
  return {
    operations: new Map(operations.map((operation) => [operation.method, routed(operation)])),
    allow: [...methods, 'HEAD', 'OPTIONS'].join(', '),
    pattern: new RegExp(`^${literals.join('([^/]+)')}$`),
    names,
  };
}

function routed(operation: Operation): RoutedOperation {
  const { operationId = '', path: route, security, parameters = [] } = operation;
  // The library's document has no references left.
  const inQuery = (parameters as unknown as readonly Parameter[]).filter(
    (one) => one.in === 'query',
  );
  return {
    ...{ operation, operationId, route },
    scheme: Object.keys(security?.[0] ?? {})[0],
    queryTypes: new Map(inQuery.map(({ name, schema }) => [name, schema.type])),
  };
}

/** The type of each query parameter, by its name. */
type QueryTypes = ReadonlyMap<string, JsonSchema['type']>;

type Query = Record<string, string | string[]>;

/** Values in the types that the contract names, so far as their text is one of that type; the rest is left to fail. */
function typedQuery(query: RawQuery, types: QueryTypes): Query {
  // Without a prototype, as any name may come; the library's type knows strings only.
  const values = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(query)) values[name] = typed(value, types.get(name));
  return values as Query;
}

function typed(value: unknown, type: JsonSchema['type']): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer' && /^\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** Other values may identify a patient, or lead to one: ids, positions, times. */
const loggable = new Set<unknown>(['integer', 'boolean']);

/** @returns for example `/patients?limit=100&cursor`; unknown parameters are left out */
export function loggedUrl({ route, queryTypes }: RoutedOperation, query: RawQuery): string {
  const shown = Object.entries(query).flatMap(([name, value]) => {
    if (!queryTypes.has(name)) return [];
    const isShown =
      loggable.has(queryTypes.get(name)) && /^(?:\d{1,15}|true|false)$/.test(String(value));
    return [isShown ? `${name}=${String(value)}` : name];
  });
  return shown.length === 0 ? route : `${route}?${shown.join('&')}`;
}
