/** Finds a request's operation and reads its parameters, from the contract, compiled once. */
import { type Document, type Operation, type ParsedRequest, type Request } from 'openapi-backend';
import { OpenAPIRouter } from 'openapi-backend';
import type { JsonSchema, Parameter } from '../contract/document.js';

interface Route {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Matches the raw path; its groups are the raw path parameters, in the order of `names`. */
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/**
 * The dispatcher's own router rebuilds all of this for each request, takes `/patients/` for `/patients`, and
 * leaves it to Ajv to take `1e2` for an integer.
 */
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

  override getOperations(): Operation[] {
    return this.#operations;
  }

  /** The methods that the contract gives a path, in upper case; nothing when it has no such path. */
  methodsOf(path: string): readonly string[] | undefined {
    const route = this.#route(path);
    return route && [...route.operations.keys()].map((method) => method.toUpperCase());
  }

  override matchOperation(request: Request): Operation;
  override matchOperation(request: Request, strict?: boolean): Operation | undefined {
    const route = this.#route(request.path);
    const operation = route?.operations.get(request.method.toLowerCase());
    if (operation !== undefined || strict !== true) return operation;
    // The dispatcher tells the two refusals apart by these beginnings.
    throw new Error(route === undefined ? '404-notFound' : '405-methodNotAllowed');
  }

  override parseRequest(request: Request, operation?: Operation): ParsedRequest {
    return {
      method: request.method,
      path: request.path,
      headers: request.headers,
      cookies: {},
      query: queryOf(request, operation),
      params: operation === undefined ? {} : this.#paramsOf(request.path),
      requestBody: undefined,
    };
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
  return {
    operations: new Map(operations.map((operation) => [operation.method, operation])),
    pattern: new RegExp(`^${literals.join('([^/]+)')}$`),
    names,
  };
}

/** Values in the types that the contract names, so far as their text is one of that type; the rest is left to fail. */
function queryOf({ query }: Request, operation?: Operation): Record<string, string | string[]> {
  const sent = typeof query === 'object' ? query : {};
  // The dispatcher's type knows strings only; its validator and the handlers get numbers and booleans as well.
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => {
      const parameter = operation?.parameters?.find(
        (candidate) =>
          !('$ref' in candidate) && candidate.in === 'query' && candidate.name === name,
      ) as Parameter | undefined;
      return [name, parameter === undefined ? value : typed(value, parameter.schema)];
    }),
  ) as Record<string, string | string[]>;
}

function typed(value: unknown, { type }: JsonSchema): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer' && /^\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
