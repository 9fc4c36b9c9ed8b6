// Walks two versions of a contract side by side and yields each node that both have.
import {
  type Json,
  type JsonObject,
  escaped,
  followed,
  isObject,
  objectOf,
  wordOf,
} from './json.js';

type Kind =
  | 'document'
  | 'operation'
  | 'parameter'
  | 'requestBody'
  | 'response'
  | 'header'
  | 'mediaType'
  | 'schema'
  | 'securityScheme';

export interface Pair {
  readonly kind: Kind;
  /** Pointer along the paths of the revision. */
  readonly where: string;
  /** Whether clients send it or get it. */
  readonly direction: 'request' | 'response';
  /** Both without their own reference. */
  readonly base: JsonObject;
  readonly revision: JsonObject;
  readonly documents: Documents;
}

export interface Documents {
  readonly base: JsonObject;
  readonly revision: JsonObject;
}

export const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Whatever the parameters in it are called. */
export function isSamePath(one: string, other: string): boolean {
  const shape = (path: string) => path.replace(/\{[^}]*\}/g, '{}');
  return one === other || (one.startsWith('/') && shape(one) === shape(other));
}

export function pairsOf(documents: Documents): readonly Pair[] {
  const walk = new Walk(documents);
  walk.document();
  return walk.found;
}

interface Node {
  readonly value: JsonObject;
  /** Where it is written: schemas that several operations share are compared once. */
  readonly home: string;
}

interface Step {
  readonly where: string;
  readonly direction: 'request' | 'response';
  readonly base: Node;
  readonly revision: Node;
}

class Walk {
  readonly found: Pair[] = [];
  readonly #seen = new Set<string>();
  constructor(readonly documents: Documents) {}

  document(): void {
    const { base, revision } = this.documents;
    const root: Step = {
      where: '#',
      direction: 'request',
      base: { value: base, home: '#' },
      revision: { value: revision, home: '#' },
    };
    this.#yield('document', root);
    const components = this.#child(root, 'components');
    for (const scheme of this.#children(components, 'securitySchemes')) {
      this.#yield('securityScheme', scheme);
    }
    for (const path of this.#paths(root)) {
      for (const method of methods) this.#operation(this.#child(path, method));
    }
  }

  #paths(root: Step): readonly Step[] {
    const names = Object.keys(objectOf(this.documents.base.paths));
    return Object.entries(objectOf(this.documents.revision.paths)).flatMap(([name, value]) => {
      const before = names.find((other) => isSamePath(other, name));
      if (before === undefined) return [];
      const where = `#/paths/${escaped(name)}`;
      const base = objectOf(objectOf(this.documents.base.paths)[before]);
      const home = `#/paths/${escaped(before)}`;
      return [
        {
          ...root,
          where,
          base: { value: base, home },
          revision: { value: objectOf(value), home: where },
        },
      ];
    });
  }

  #operation(step: Step | undefined): void {
    if (step === undefined || !this.#yield('operation', step)) return;
    this.#parameters(step);
    const body = this.#child(step, 'requestBody');
    if (body !== undefined && this.#yield('requestBody', body)) this.#content(body);
    for (const response of this.#children(step, 'responses', 'response')) {
      if (!this.#yield('response', response)) continue;
      for (const header of this.#children(response, 'headers')) {
        if (this.#yield('header', header)) this.#schema(this.#child(header, 'schema'));
      }
      this.#content(response);
    }
  }

  #parameters(step: Step): void {
    const before = parametersOf(this.documents.base, step.base.value);
    parametersOf(this.documents.revision, step.revision.value).forEach((revision, index) => {
      const base = before.find(({ value }) => isSameParameter(value, revision.value));
      if (base === undefined) return;
      const where = `${step.where}/parameters/${index}`;
      const parameter: Step = { ...step, where, direction: 'request', base, revision };
      if (this.#yield('parameter', parameter)) this.#schema(this.#child(parameter, 'schema'));
    });
  }

  #content(step: Step): void {
    for (const media of this.#children(step, 'content')) {
      if (this.#yield('mediaType', media)) this.#schema(this.#child(media, 'schema'));
    }
  }

  #schema(step: Step | undefined): void {
    if (step === undefined || !this.#yield('schema', step)) return;
    for (const key of ['items', 'additionalProperties', 'not', 'contentSchema']) {
      this.#schema(this.#child(step, key));
    }
    for (const key of ['properties', 'patternProperties', 'allOf', 'oneOf', 'anyOf']) {
      for (const part of this.#children(step, key)) this.#schema(part);
    }
  }

  #yield(kind: Kind, step: Step): boolean {
    const { where, direction, base, revision } = step;
    const mark = `${kind} ${direction} ${base.home} ${revision.home}`;
    if (this.#seen.has(mark)) return false;
    this.#seen.add(mark);
    this.found.push({
      kind,
      where,
      direction,
      base: base.value,
      revision: revision.value,
      documents: this.documents,
    });
    return true;
  }

  #children(step: Step | undefined, key: string, direction?: Step['direction']): readonly Step[] {
    const held = step?.revision.value[key];
    if (step === undefined || typeof held !== 'object' || held === null) return [];
    const parent = this.#child(step, key);
    return Object.keys(held).flatMap((name) => {
      const found = parent && this.#child(parent, name);
      return found === undefined ? [] : [{ ...found, direction: direction ?? step.direction }];
    });
  }

  #child(step: Step | undefined, key: string): Step | undefined {
    if (step === undefined) return undefined;
    const base = childOf(this.documents.base, step.base, key);
    const revision = childOf(this.documents.revision, step.revision, key);
    if (base === undefined || revision === undefined) return undefined;
    return { ...step, where: `${step.where}/${escaped(key)}`, base, revision };
  }
}

function childOf(document: JsonObject, { value, home }: Node, key: string): Node | undefined {
  const held = (value as Readonly<Record<string, Json | undefined>>)[key];
  if (Array.isArray(held))
    return { value: Object.fromEntries(held.entries()), home: `${home}/${key}` };
  if (!isObject(held)) return undefined;
  const { $ref, ...beside } = held;
  const isPlainReference = typeof $ref === 'string' && Object.keys(beside).length === 0;
  return {
    value: followed(document, held),
    home: isPlainReference ? $ref : `${home}/${key}`,
  };
}

function parametersOf(document: JsonObject, operation: JsonObject): readonly Node[] {
  const list = operation.parameters;
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).map((parameter, index) => {
    const { $ref } = objectOf(parameter);
    return {
      value: followed(document, parameter),
      home: typeof $ref === 'string' ? $ref : `${wordOf(operation.operationId)}/${index}`,
    };
  });
}

function isSameParameter(one: JsonObject, other: JsonObject): boolean {
  return one.name === other.name && one.in === other.in;
}
