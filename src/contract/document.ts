/** The parts of an OpenAPI 3.1 document that the service reads. */

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary?: string;
    /** Markdown. */
    readonly description?: string;
  };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
    readonly [kind: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export interface PathItem {
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly get?: OperationObject;
}

export interface OperationObject {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>;
}

export interface ResponseObject {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header' | 'cookie';
  readonly schema: JsonSchema;
}

export interface SecurityScheme {
  readonly type: string;
  readonly in?: string;
  readonly name?: string;
  readonly 'x-secret-id'?: string;
  /** Of each consumer of the scheme. */
  readonly 'x-rate-limit'?: RateLimit;
}

export interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
}

export interface Reference {
  readonly $ref: string;
}

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly [keyword: string]: unknown;
}

/** The value that a `$ref` into the same document points to; a value without `$ref` is its own. */
export function resolve<Value extends object>(
  document: OpenApiDocument,
  value: Value | Reference,
): Value {
  if (!isReference(value)) return value;
  const target = value.$ref
    .replace('#/', '')
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document);
  if (typeof target !== 'object' || target === null) {
    throw new Error(`${value.$ref} points to nothing in the contract`);
  }
  return resolve(document, target as Value);
}

function isReference(value: object): value is Reference {
  return '$ref' in value && typeof value.$ref === 'string';
}
