// What each of the project's own lint rules refuses, and what it lets pass.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, objectOf } from '../../tools/contract/json.js';
import { followWithin } from '../../tools/lint/rule.js';
import { rules } from '../../tools/lint/rules.js';

interface Case {
  readonly rule: string;
  readonly why: string;
  readonly key?: string;
  readonly good: JsonObject;
  readonly bad: JsonObject;
}

const bundle = objectOf(
  JSON.parse(
    readFileSync(new URL('../../generated/openapi.json', import.meta.url), 'utf8'),
  ) as Json,
);
const list = objectOf(objectOf(objectOf(bundle.paths)['/patients']).get);
const responses = objectOf(list.responses);
const success = objectOf(responses['200']);
const { Link: _, ...fewerHeaders } = objectOf(success.headers);
const { 429: __, ...fewerResponses } = responses;

const field = {
  type: 'string',
  description: 'A text.',
  maxLength: 9,
  example: 'a',
  'x-phi': 'none',
};
const withField = (facts: JsonObject) => ({ properties: { a_field: { ...field, ...facts } } });
const without = (key: string) => {
  const { [key]: ___, ...rest } = field as JsonObject;
  return { properties: { a_field: rest } };
};
const days = { deprecated: true, 'x-deprecated-since': '2026-01-01', 'x-sunset': '2027-01-01' };
const parameter = {
  name: 'a_name',
  in: 'query',
  description: 'A name.',
  example: 'a',
  schema: field,
};
const problem = { 'application/problem+json': {} };

const cases: readonly Case[] = [
  {
    rule: 'field-described',
    why: 'no description',
    good: withField({}),
    bad: without('description'),
  },
  {
    rule: 'field-described',
    why: 'no sentence',
    good: withField({}),
    bad: withField({ description: 'text' }),
  },
  { rule: 'field-described', why: 'no example', good: withField({}), bad: without('example') },
  {
    rule: 'field-described',
    why: 'no bound',
    good: withField({ type: 'boolean' }),
    bad: without('maxLength'),
  },
  {
    rule: 'field-described',
    why: 'an array without a bound',
    good: withField({ type: 'array', maxItems: 3 }),
    bad: withField({ type: 'array' }),
  },
  {
    rule: 'field-phi',
    why: 'no level behind a reference',
    good: { properties: { a: { $ref: '#/components/schemas/Token', 'x-phi': 'direct' } } },
    bad: { properties: { a: { $ref: '#/components/schemas/Token' } } },
  },
  {
    rule: 'field-phi',
    why: 'an unknown level',
    good: withField({}),
    bad: withField({ 'x-phi': 'low' }),
  },
  {
    rule: 'null-is-a-type',
    why: 'anyOf with null',
    good: { anyOf: [{ type: 'string' }] },
    bad: { anyOf: [{ type: 'null' }] },
  },
  {
    rule: 'null-is-a-type',
    why: 'oneOf with null',
    good: { type: ['string', 'null'] },
    bad: { oneOf: [{ type: 'null' }] },
  },
  {
    rule: 'snake-case-field',
    why: 'camelCase',
    good: withField({}),
    bad: { properties: { aField: field } },
  },
  {
    rule: 'snake-case-parameter',
    why: 'camelCase',
    good: { ...parameter, in: 'header', name: 'X-A' },
    bad: { ...parameter, name: 'aName' },
  },
  {
    rule: 'parameter-described',
    why: 'no description',
    good: parameter,
    bad: { ...parameter, description: '' },
  },
  {
    rule: 'parameter-described',
    why: 'no bound',
    good: parameter,
    bad: { ...parameter, schema: { type: 'string' } },
  },
  {
    rule: 'parameter-described',
    why: 'no example',
    good: parameter,
    bad: { name: 'a', description: 'A.', schema: field },
  },
  {
    rule: 'refusal-problem',
    why: 'plain JSON',
    key: '404',
    good: { content: problem },
    bad: { content: { 'application/json': {} } },
  },
  {
    rule: 'refusal-problem',
    why: 'a second form',
    key: '503',
    good: { content: problem },
    bad: { content: { ...problem, 'text/html': {} } },
  },
  {
    rule: 'refusal-problem',
    why: 'no body',
    key: '400',
    good: { content: problem },
    bad: { description: 'No.' },
  },
  {
    rule: 'secured-refusals',
    why: 'no 429',
    good: list,
    bad: { ...list, responses: fewerResponses },
  },
  { rule: 'list-shape', why: 'a parameter less', good: list, bad: { ...list, parameters: [] } },
  {
    rule: 'list-shape',
    why: 'a header less',
    good: list,
    bad: { ...list, responses: { 200: { ...success, headers: fewerHeaders } } },
  },
  {
    rule: 'audit-columns',
    why: 'no audit columns',
    good: list,
    bad: { operationId: 'listThings', responses: {} },
  },
  {
    rule: 'operation-name',
    why: 'no verb',
    key: 'get',
    good: { operationId: 'getThing' },
    bad: { operationId: 'thing' },
  },
  {
    rule: 'operation-name',
    why: 'another verb',
    key: 'get',
    good: { operationId: 'listThings' },
    bad: { operationId: 'createThing' },
  },
  ...['operation', 'parameter', 'field', 'header'].map((kind) => ({
    rule: `sunset-of-${kind}`,
    why: 'no day',
    good: days,
    bad: { deprecated: true, 'x-sunset': '2027-01-01' },
  })),
];

describe.each(cases)('$rule: $why', ({ rule, key = '', good, bad }) => {
  const check = (node: JsonObject) =>
    rules[rule]?.check(node, { key, follow: followWithin(bundle) });

  it('is refused', () => {
    expect(check(bad)?.length).toBeGreaterThan(0);
  });

  it('passes when it is right', () => {
    expect(check(good)).toEqual([]);
  });
});

it('every rule is tried', () => {
  expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(Object.keys(rules)));
});
