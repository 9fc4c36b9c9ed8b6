// A rule of the project's own: which nodes of the document it looks at, and what it finds wrong with one.
import { type Json, type JsonObject, objectOf } from '../contract/json.js';

export interface Rule {
  readonly on: 'Operation' | 'Parameter' | 'Response' | 'Schema' | 'Header';
  readonly check: (node: JsonObject, context: RuleContext) => readonly Fault[];
}

export interface Fault {
  readonly message: string;
  /** Keys from the node to the place at fault. */
  readonly at: readonly string[];
}

interface RuleContext {
  /** The key under which the node stands, such as a response's status. */
  readonly key: string;
  readonly follow: Follow;
}

/** What a reference points to, which keywords beside it override; `from` says in which file the node stands. */
export type Follow = (node: Json | undefined, from?: From) => Followed;

interface Followed {
  readonly node: JsonObject;
  readonly from: From | undefined;
}

/** A file as Redocly hands it around. */
type From = string;

/** Follows references within one document. */
export function followWithin(document: JsonObject): Follow {
  return (node) => {
    const { $ref, ...beside } = objectOf(node);
    if (typeof $ref !== 'string') return { node: beside, from: undefined };
    const target = $ref
      .split('/')
      .slice(1)
      .reduce<Json | undefined>((at, step) => objectOf(at)[step], document);
    return { node: { ...objectOf(target), ...beside }, from: undefined };
  };
}

function typesOf({ type }: JsonObject): readonly string[] {
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? (type as readonly string[]) : [];
}

const constraints: Readonly<Record<string, readonly string[]>> = {
  string: ['enum', 'const', 'format', 'pattern', 'maxLength'],
  integer: ['enum', 'const', 'minimum', 'maximum'],
  number: ['enum', 'const', 'minimum', 'maximum'],
  array: ['maxItems'],
};

/** Whether a schema's types all have a bound, where they can have one. */
export function isBounded(schema: JsonObject): boolean {
  return typesOf(schema).every((type) => {
    const wanted = constraints[type];
    return wanted === undefined || wanted.some((keyword) => keyword in schema);
  });
}

export function isSentence(value: Json | undefined): boolean {
  return typeof value === 'string' && /[.!?)]\s*$/.test(value);
}
