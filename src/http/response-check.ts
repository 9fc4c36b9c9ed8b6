/** Checks the service's own answers against the contract before they leave. */
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { type OpenApiDocument, type OperationObject, resolve } from '../contract/document.js';
import type { Log } from '../log.js';
import { quickAjv } from '../contract/formats.js';
import { isStream, isText } from '../contract/operations.js';
import type { Reply } from './reply.js';

/** `always`: an answer that breaks the contract becomes a 500. `sample`: a share is looked at afterwards. */
export type ResponseCheckMode = 'always' | 'sample' | 'off';

/** The same reply; a stream is checked line by line while it is read. */
export type ResponseCheck = (reply: Reply) => Reply;

/** An answer that the contract does not promise: where it breaks it and which rule, never its values. */
class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

/** What checks an operation's answers in this mode. */
export function responseChecks(
  document: OpenApiDocument,
  log: Log,
  mode: ResponseCheckMode = 'off',
): (operation: OperationObject) => ResponseCheck {
  if (mode === 'off') return () => (reply) => reply;
  const checkOf = createResponseChecks(document);
  if (mode === 'always') return checkOf;
  return (operation) =>
    sampled(checkOf(operation), (error) => {
      log.error({ error }, 'an answer broke the contract');
    });
}

export function createResponseChecks(
  document: OpenApiDocument,
): (operation: OperationObject) => ResponseCheck {
  const ajv = quickAjv({ code: { optimize: false } });
  ajv.addSchema(document, 'contract');
  const compiled = new Map<string, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    // References of the document are relative to it.
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"contract#/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text) as object);
    compiled.set(text, validate);
    return validate;
  };
  return (operation) => (reply) => checked(reply, { document, operation, validatorOf });
}

/** One answer in so many. */
const sampleEvery = 100;

/** Looks at a share of the answers once they are on their way, and only reports. */
export function sampled(
  check: ResponseCheck,
  report: (violation: unknown) => void,
  random: () => number = Math.random,
): ResponseCheck {
  return (reply) => {
    if (isStream(reply.body) || random() * sampleEvery >= 1) return reply;
    setImmediate(() => {
      try {
        check(reply);
      } catch (violation) {
        report(violation);
      }
    });
    return reply;
  };
}

interface Rules {
  readonly document: OpenApiDocument;
  readonly operation: OperationObject;
  readonly validatorOf: (schema: object) => ValidateFunction;
}

function checked(reply: Reply, rules: Rules): Reply {
  const { document, operation, validatorOf } = rules;
  const name = `${operation.operationId} ${reply.status}`;
  const described = operation.responses[String(reply.status)];
  if (described === undefined) throw new ContractViolation(`${name} is not documented`);
  const { headers = {}, content = {} } = resolve(document, described);
  const media = content[reply.type];
  if (media === undefined) throw new ContractViolation(`${name} has no ${reply.type}`);
  checkHeaders(name, headers, reply, rules);
  if (reply.type === 'application/json' && media.schema !== undefined) {
    check(name, validatorOf(media.schema), valueOf(reply.body));
  }
  const record = recordOf(content, document);
  if (reply.type !== 'application/x-ndjson' || record === undefined) return reply;
  const validate = validatorOf(record);
  if (isStream(reply.body)) return { ...reply, body: eachLineChecked(reply.body, name, validate) };
  if (isText(reply.body)) checkLines(reply.body.toString(), name, validate);
  return reply;
}

/** Bodies are JSON text, made in the store, or values. */
function valueOf(body: unknown): unknown {
  return isText(body) ? JSON.parse(body.toString()) : body;
}

function checkLines(text: string, name: string, validate: ValidateFunction): void {
  for (const line of text.split('\n')) {
    if (line !== '') check(name, validate, JSON.parse(line));
  }
}

/** What stands in the array beside the lines. */
function recordOf(
  content: Readonly<Record<string, { schema?: object }>>,
  document: OpenApiDocument,
) {
  const schema = content['application/json']?.schema;
  return schema && resolve<{ items?: object }>(document, schema).items;
}

async function* eachLineChecked(
  chunks: AsyncIterable<Buffer>,
  name: string,
  validate: ValidateFunction,
): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    checkLines(bytes.subarray(0, end).toString(), name, validate);
    rest = bytes.subarray(end);
    yield bytes.subarray(0, end);
  }
  if (rest.length > 0) throw new ContractViolation(`${name} ends within a line`);
}

function checkHeaders(
  name: string,
  described: Readonly<Record<string, unknown>>,
  { headers }: Reply,
  { document, validatorOf }: Rules,
): void {
  for (const [header, value] of Object.entries(described)) {
    // The contract's headers are objects or references to them.
    const { required, schema } = resolve<{ required?: boolean; schema?: object }>(
      document,
      value as object,
    );
    const sent = headers[header];
    // The request's id is set before there is a reply.
    if (header === 'X-Request-Id') continue;
    if (sent === undefined && required === true) {
      throw new ContractViolation(`${name} lacks the header ${header}`);
    }
    if (sent !== undefined && schema !== undefined) {
      check(`${name} header ${header}`, validatorOf(schema), sent);
    }
  }
}

function check(name: string, validate: ValidateFunction, value: unknown): void {
  if (validate(value)) return;
  const [error] = validate.errors ?? [];
  throw new ContractViolation(
    `${name} breaks the contract at ${error?.instancePath ?? ''}: ${error?.keyword ?? ''} (${error?.schemaPath ?? ''})`,
  );
}
