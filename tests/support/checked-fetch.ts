/** A client that holds every response it sees against the contract, headers included. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { readContract } from '../../src/contract/contract.js';
import { type OpenApiDocument, type ResponseObject, resolve } from '../../src/contract/document.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed, where it is JSON. */
  readonly body: unknown;
}

interface Ask {
  readonly method?: string;
  /** A collection's name sends its valid key; any other text is sent as it is. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type CheckedFetch = (path: string, ask?: Ask) => Promise<Answer>;

/** What was answered in this file's tests: `listPatients 200 application/json`, … */
export const seen = new Set<string>();

/** Refusals that belong to no operation. */
const general = new Set([400, 404, 405, 408, 431]);

const { document } = readContract();
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajvFormats.default(ajv);
ajv.addSchema(document, 'contract');
const validators = new Map<string, ValidateFunction>();

export function checkedFetch(url: string, keys: Readonly<Record<string, string>>): CheckedFetch {
  return async (path, { method = 'GET', key, headers = {} } = {}) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...(key !== undefined && { 'x-api-key': keys[key] ?? key }), ...headers },
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson(type) && text !== '' ? (JSON.parse(text) as unknown) : undefined,
    };
    assertConforms(path, method, answer);
    return answer;
  };
}

/** @throws Error when the contract does not promise such an answer */
function assertConforms(path: string, method: string, answer: Answer): void {
  const { pathname } = new URL(path, 'http://service');
  const template = templateOf(pathname);
  const operation = template === undefined ? undefined : document.paths[template]?.get;
  const asked = method === 'GET' || method === 'HEAD';
  const type = answer.headers.get('content-type') ?? '';
  assertRequestId(answer);
  if (!asked || operation === undefined) {
    if (method === 'OPTIONS' && answer.status === 204) return;
    assertProblem(answer, general);
    return;
  }
  const described = operation.responses[String(answer.status)];
  if (described === undefined) {
    throw new Error(
      `${operation.operationId} answered ${answer.status}, which it does not document`,
    );
  }
  const response = resolve(document, described);
  const isBare = type === '' && answer.text === '' && response.content === undefined;
  if (!isBare && !(type in (response.content ?? {}))) {
    throw new Error(`${operation.operationId} ${answer.status} came as ${type}`);
  }
  assertHeaders(operation.operationId, response, answer.headers);
  if (isBare) seen.add(`${operation.operationId} ${answer.status} none`);
  else if (method === 'GET') {
    const base = pointerOf(
      `/paths/${escaped(template ?? '')}/get/responses/${answer.status}`,
      described,
    );
    assertBody(`${base}/content/${escaped(type)}/schema`, type, answer);
    seen.add(`${operation.operationId} ${answer.status} ${type}`);
  }
}

function assertRequestId({ headers, status }: Answer): void {
  if (!headers.get('x-request-id')) throw new Error(`${status} came without X-Request-Id`);
}

function assertProblem(answer: Answer, statuses: ReadonlySet<number>): void {
  const type = answer.headers.get('content-type');
  if (!statuses.has(answer.status) || type !== 'application/problem+json') {
    throw new Error(`no operation's answer: ${answer.status} ${type ?? ''}`);
  }
  if (answer.text !== '') assertBody('#/components/schemas/Problem', type, answer);
}

function assertHeaders(id: string, { headers = {} }: ResponseObject, sent: Headers): void {
  for (const [name, value] of Object.entries(headers)) {
    const header = resolve(document, value as { required?: boolean; schema?: object });
    const text = sent.get(name);
    if (text === null) {
      if (header.required === true) throw new Error(`${id} came without ${name}`);
      continue;
    }
    const pointer = pointerOf('', value as object);
    const validate =
      pointer === '' ? ajv.compile(header.schema ?? {}) : compiled(`${pointer}/schema`);
    const parsed = /^\d+$/.test(text) && isInteger(header.schema) ? Number(text) : text;
    if (!validate(parsed)) throw new Error(`${id} ${name}: ${ajv.errorsText(validate.errors)}`);
  }
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'application/problem+json';
}

function isInteger(schema: object | undefined): boolean {
  return schema !== undefined && 'type' in schema && schema.type === 'integer';
}

function assertBody(pointer: string, type: string, { text, body }: Answer): void {
  const validate = compiled(pointer);
  if (!validate(isJson(type) ? body : text)) {
    throw new Error(`${pointer}: ${ajv.errorsText(validate.errors)}`);
  }
}

function compiled(pointer: string): ValidateFunction {
  const known = validators.get(pointer);
  if (known !== undefined) return known;
  const validate = ajv.compile({ $ref: `contract${encodeURI(pointer)}` });
  validators.set(pointer, validate);
  return validate;
}

function templateOf(pathname: string): string | undefined {
  const templates = Object.keys((document satisfies OpenApiDocument).paths);
  return (
    templates.find((template) => template === pathname) ??
    templates.find((template) =>
      new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(pathname),
    )
  );
}

function pointerOf(own: string, value: object): string {
  return '$ref' in value && typeof value.$ref === 'string' ? value.$ref : own && `#${own}`;
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
