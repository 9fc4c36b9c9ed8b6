// What every field of the contract states, and what the three records share.
import { describe, expect, it } from 'vitest';
import { bundle, object, recordSchemas, resolve, type JsonObject } from './bundle.js';

const auditColumns = [
  'created_ts',
  'updated_ts',
  'created_by',
  'updated_by',
  'is_active',
  'record_state',
  'deleted_ts',
  'version',
];
const sharedColumns = ['source', 'source_type', 'source_id', 'security_labels', ...auditColumns];

const constraints = new Set([
  'enum',
  'const',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'maxItems',
]);

const fields = Object.entries(object(object(bundle.components).schemas)).flatMap(([name, schema]) =>
  Object.entries(object(object(schema).properties ?? {})).map(
    ([field, value]) => [`${name}.${field}`, resolve(value)] as const,
  ),
);

describe('every field', () => {
  it.each(fields)('%s has a description, an example and x-phi', (_name, field) => {
    expect(field.description).toEqual(expect.stringMatching(/\.$/));
    expect(field.example).toBeDefined();
    expect(['direct', 'quasi', 'health', 'none']).toContain(field['x-phi']);
  });

  it.each(fields.filter(([, field]) => takesConstraint(field)))('%s is bounded', (_name, field) => {
    expect(Object.keys(field).some((key) => constraints.has(key))).toBe(true);
  });

  it.each(fields)('%s is written in snake_case', (name) => {
    expect(name.split('.')[1]).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  });
});

describe.each(recordSchemas)('%s', (name) => {
  const schema = properties(name);

  it('requires every field', () => {
    const { required } = resolve({ $ref: `#/components/schemas/${name}` });
    expect(required).toEqual(Object.keys(schema));
  });

  it('ends with the shared columns, in one order', () => {
    expect(Object.keys(schema).slice(-sharedColumns.length)).toEqual(sharedColumns);
  });

  it('shares them by reference with the other records', () => {
    const own = sharedColumns.map((column) => schema[column]);
    expect(own).toEqual(sharedColumns.map((column) => properties('Patient')[column]));
    expect(own).toEqual(sharedColumns.map(() => ({ $ref: expect.any(String) as string })));
  });

  it('is open to growth', () => {
    expect(resolve({ $ref: `#/components/schemas/${name}` })).not.toHaveProperty(
      'additionalProperties',
    );
  });
});

describe('the document', () => {
  it('uses no polymorphism: null is a type', () => {
    expect(JSON.stringify(bundle)).not.toMatch(/"(anyOf|oneOf|allOf)"/);
  });

  it('gives the first page first among the examples of Link', () => {
    const { Link } = object(object(bundle.components).headers);
    const examples = Object.values(object(object(Link).examples)).map(object);
    expect(examples.map(({ value }) => value)).toEqual([
      '</patients>; rel="first"',
      expect.stringContaining('rel="next"'),
    ]);
  });

  it('secures each collection by its own scheme, and leaves the service paths open', () => {
    const schemes = Object.fromEntries(
      Object.entries(object(bundle.paths)).map(([path, item]) => [
        path,
        object(object(item).get).security,
      ]),
    );
    const service = ['/', '/health/live', '/health/ready', '/openapi.json', '/docs'];
    const expected = Object.keys(schemes).map((path) => {
      const [, collection = ''] = path.split('/');
      return [path, service.includes(path) ? [] : [{ [collection]: [] }]];
    });
    expect(schemes).toEqual(Object.fromEntries(expected));
  });

  it('has a section for the type of each problem', () => {
    const { description } = object(bundle.info);
    const sections = JSON.stringify(description).match(/(?<=\\n## )[a-z-]+/g);
    const used = JSON.stringify(bundle.components).match(/(?<=#section\/Errors\/)[a-z-]+(?=")/g);
    expect(sections).toEqual(expect.arrayContaining([...new Set(used)]));
  });
});

function properties(name: string): JsonObject {
  return object(resolve({ $ref: `#/components/schemas/${name}` }).properties);
}

function takesConstraint(field: JsonObject): boolean {
  return /string|number|integer|array/.test(JSON.stringify(field.type));
}
