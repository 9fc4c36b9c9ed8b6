import {
  type Document,
  OpenAPIRouter,
  type Operation,
  type ParsedRequest,
  type Request,
} from 'openapi-backend';
import type { JsonSchema, Parameter } from '../contract/document.js';

interface Route {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Matches the raw path; its groups are the raw path parameters, in the order of `names`. */
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** The value of `Allow`. */
  readonly allow: string;
}

/**
 * The dispatcher's own router rebuilds all of this for each request, takes `/patients/` for `/patients`, and
 * leaves it to Ajv to take `1e2` for an integer.
 */
export class ContractRouter extends OpenAPIRouter {
  readonly #operations: Operation[];
  readonly #exact = new Map<string, Route>();
  readonly #templates: Route[] = [];
  readonly #queryTypes: ReadonlyMap<Operation, QueryTypes>;
  /** The dispatcher asks three times for each request. */
  readonly #parsed = new WeakMap<Request, ParsedRequest>();

  constructor(definition: Document) {
    super({ definition, apiRoot: '/', ignoreTrailingSlashes: false });
    this.#operations = super.getOperations();
    this.#queryTypes = new Map(this.#operations.map((each) => [each, queryTypesOf(each)]));
    for (const [path, operations] of groupByPath(this.#operations)) {
      const route = routeOf(path, operations);
      if (route.names.length === 0) this.#exact.set(path, route);
      else this.#templates.push(route);
    }
  }

  override getOperations(): Operation[] {
    return this.#operations;
  }

  /** What the contract allows on a path, as `Allow` says it; nothing when it has no such path. */
  allowOf(path: string): string | undefined {
    return this.#route(path)?.allow;
  }

  override matchOperation(request: Request): Operation;
  override matchOperation(request: Request, strict?: boolean): Operation | undefined {
    const operation = this.#operationOf(request);
    if (operation !== undefined || strict !== true) return operation;
    // The dispatcher tells the two refusals apart by these beginnings.
    throw new Error(
      this.#route(request.path) === undefined ? '404-notFound' : '405-methodNotAllowed',
    );
  }

  override parseRequest(request: Request, operation?: Operation): ParsedRequest {
    const known = this.#parsed.get(request);
    if (known !== undefined) return known;
    const found = operation ?? this.#operationOf(request);
    const parsed = {
      method: request.method,
      path: request.path,
      headers: request.headers,
      cookies: {},
      query: queryOf(request, found && this.#queryTypes.get(found)),
      params: found === undefined ? {} : this.#paramsOf(request.path),
      requestBody: undefined,
    };
    this.#parsed.set(request, parsed);
    return parsed;
  }

  #operationOf({ method, path }: Request): Operation | undefined {
    return this.#route(path)?.operations.get(method.toLowerCase());
  }

  #route(path: string): Route | undefined {
    return this.#exact.get(path) ?? this.#templates.find(({ pattern }) => pattern.test(path));
  }

  #paramsOf(path: string): Record<string, string> {
    const route = this.#route(path);
    const values = route?.pattern.exec(path)?.slice(1) ?? [];
    return Object.fromEntries(
      (route?.names ?? []).map((name, index) => [name, decodeURIComponent(values[index] ?? '')]),
    );
  }
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
    operations: new Map(operations.map((operation) => [operation.method, operation])),
    allow: [...methods, 'HEAD', 'OPTIONS'].join(', '),
    pattern: new RegExp(`^${literals.join('([^/]+)')}$`),
    names,
  };
}

/** Values in the types that the contract names, so far as their text is one of that type; the rest is left to fail. */
function queryOf({ query }: Request, types: QueryTypes | undefined): Query {
  if (typeof query !== 'object') return {};
  // Without a prototype, as any name may come; the dispatcher's type knows strings only.
  const values = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(query)) values[name] = typed(value, types?.get(name));
  return values as Query;
}

type Query = Record<string, string | string[]>;

/** The type of each query parameter, by its name. */
type QueryTypes = ReadonlyMap<string, JsonSchema['type']>;

function queryTypesOf({ parameters = [] }: Operation): QueryTypes {
  // The dispatcher's document has no references left.
  const inQuery = (parameters as unknown as readonly Parameter[]).filter(
    (one) => one.in === 'query',
  );
  return new Map(inQuery.map(({ name, schema }) => [name, schema.type]));
}

function typed(value: unknown, type: JsonSchema['type']): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer' && /^\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
