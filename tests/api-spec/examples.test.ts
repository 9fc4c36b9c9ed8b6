// Every example in the contract is true to the schema beside it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { type Problem, problems } from '../../src/problem.js';
import { bundle, object, resolve, responseMedia, type Json, type JsonObject } from './bundle.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(bundle, 'contract');

describe('examples of responses', () => {
  it.each(responseMedia())('$where: has examples, and each is valid', ({ where, media }) => {
    const examples = Object.entries(object(media.examples));
    expect(examples.length).toBeGreaterThan(0);
    const validate = compile(object(media.schema));
    for (const [name, example] of examples) {
      expect(faults(validate, resolve(example).value), `${where} ${name}`).toEqual([]);
    }
  });

  it('finds an example that is not valid', () => {
    const validate = compile({ $ref: '#/components/schemas/Patient' });
    expect(faults(validate, { patient_id: 'no colon' })).not.toEqual([]);
  });

  it.each(responseMedia().filter(({ mediaType }) => mediaType === 'application/x-ndjson'))(
    '$where: each line is a valid record',
    ({ where, media }) => {
      const array = jsonBeside(where);
      for (const example of Object.values(object(media.examples))) {
        const text = resolve(example).value;
        if (typeof text !== 'string') throw new Error('An NDJSON example is a string.');
        expect(text.endsWith('\n')).toBe(true);
        const lines = text.trimEnd().split('\n');
        const records = lines.map((line) => JSON.parse(line) as Json);
        expect(faults(compile(object(array.schema)), records)).toEqual([]);
      }
    },
  );
});

describe('examples of schemas, parameters and headers', () => {
  const schemas = Object.entries(object(object(bundle.components).schemas));

  it.each(schemas)('%s: the example of each property is valid', (_name, schema) => {
    for (const [property, value] of Object.entries(object(object(schema).properties ?? {}))) {
      const target = resolve(value);
      expect(faults(compile(target), target.example), property).toEqual([]);
    }
  });

  it.each(['parameters', 'headers'])('%s: each example is valid', (kind) => {
    for (const [name, item] of Object.entries(object(object(bundle.components)[kind]))) {
      const { schema, example, examples } = object(item);
      const values =
        examples === undefined
          ? [example]
          : Object.values(object(examples)).map((one) => object(one).value);
      for (const value of values) {
        expect(faults(compile(object(schema)), value), name).toEqual([]);
      }
    }
  });
});

describe('mock data', () => {
  it('names only patients that are among the examples', () => {
    const known = new Set(records('/patients').map((record) => record.patient_id));
    for (const path of ['/appointments', '/lab_results']) {
      for (const record of records(path)) expect(known).toContain(record.patient_id);
    }
  });

  it('lists records in the order of the feed', () => {
    for (const path of ['/patients', '/appointments', '/lab_results']) {
      const positions = records(path).map((record) => record.updated_ts);
      expect(positions).toEqual([...positions].sort());
      expect(new Set(positions).size).toBe(positions.length);
    }
  });

  it('writes the fields of a record in the order of its schema', () => {
    for (const [path, name] of [
      ['/patients', 'Patient'],
      ['/appointments', 'Appointment'],
      ['/lab_results', 'LabResult'],
    ] as const) {
      const schema = resolve({ $ref: `#/components/schemas/${name}` });
      const order = Object.keys(object(schema.properties));
      for (const record of records(path)) expect(Object.keys(record)).toEqual(order);
    }
  });
});

describe('an example of a refusal', () => {
  const mark = '§';
  const catalogue = Object.values(problems).map((make) =>
    // Whatever a refusal is told of, it is only to be found again in its words.
    (make as (...facts: readonly unknown[]) => Problem)([mark], mark),
  );

  it('says what the service says', () => {
    const examples = Object.values(object(object(bundle.components).examples))
      .map((example) => resolve(example).value)
      .filter((value) => JSON.stringify(value).includes('"/docs#section/Errors/'))
      .map((value) => object(value));
    expect(examples.length).toBeGreaterThan(10);
    for (const { type, title, detail } of examples) {
      const said = catalogue.find(({ slug }) => type === `/docs#section/Errors/${slug}`);
      const words = said?.message.includes(mark) === true ? detail : said?.message;
      expect({ type, title, detail }).toEqual({ type, title: said?.title, detail: words });
    }
  });
});

/** All records of a collection's JSON examples, first page first. */
function records(path: string): JsonObject[] {
  return Object.values(object(jsonBeside(`GET ${path} 200 `).examples)).flatMap((example) => {
    const value = resolve(example).value;
    if (!Array.isArray(value)) throw new Error('The example of a list is an array.');
    return value.map(object);
  });
}

function jsonBeside(where: string): JsonObject {
  const wanted = where.replace('application/x-ndjson', '').trim() + ' application/json';
  const found = responseMedia().find((one) => one.where === wanted);
  if (found === undefined) throw new Error(`Not in the contract: ${wanted}`);
  return found.media;
}

function compile(schema: JsonObject): ValidateFunction {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"contract#/');
  return ajv.compile(JSON.parse(text) as JsonObject);
}

function faults(validate: ValidateFunction, value: unknown): unknown[] {
  return validate(value) ? [] : (validate.errors ?? []);
}
