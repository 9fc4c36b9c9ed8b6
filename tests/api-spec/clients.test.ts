// The configurations of pull clients follow from the contract: a new collection appears in each.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { collectionsOf } from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import type { OpenApiDocument } from '../../src/contract/document.js';
import { airbyteLinesManifest, airbyteManifest } from '../../tools/clients/airbyte.js';
import { dltSource } from '../../tools/clients/dlt.js';
import { postmanCollection } from '../../tools/clients/postman.js';
import { singerTap } from '../../tools/clients/singer.js';

/** The contract with one more collection, shaped like the patients. */
function withMedications(): OpenApiDocument {
  const document = JSON.parse(JSON.stringify(readContract().document)) as OpenApiDocument;
  const text = JSON.stringify({
    paths: {
      '/medications': document.paths['/patients'],
      '/medications/{medication_id}': document.paths['/patients/{patient_id}'],
    },
    medications: document.components.securitySchemes.patients,
  });
  const like = JSON.parse(
    text
      .replaceAll('"patients":[]', '"medications":[]')
      .replaceAll('["patients"]', '["medications"]')
      .replaceAll('Patients"', 'Medications"'),
  ) as { paths: OpenApiDocument['paths']; medications: { type: string } };
  return {
    ...document,
    tags: [{ name: 'medications' }],
    paths: { ...document.paths, ...like.paths },
    components: {
      ...document.components,
      securitySchemes: { ...document.components.securitySchemes, medications: like.medications },
    },
  };
}

const document = withMedications();
const names = collectionsOf(document).map(({ name }) => name as string);

describe('configurations of pull clients', () => {
  it('know the made-up collection', () => {
    expect(names).toContain('medications');
  });

  it.each([airbyteManifest, airbyteLinesManifest])(
    'Airbyte: a stream and a key each (%o)',
    (make) => {
      const manifest = parse(make(document)) as Manifest;
      expect(manifest.streams.map(({ name }) => name)).toEqual(names);
      expect(manifest.spec.connection_specification.required).toEqual([
        'base_url',
        ...names.map((name) => `${name}_key`),
      ]);
    },
  );

  it('dlt: a resource, a key and columns each', () => {
    const source = dltSource(document);
    for (const name of names) {
      expect(source).toContain(`${name}_key: dlt.TSecretStrValue | None = None,`);
      expect(source).toContain(`    "${name}": {\n`);
    }
  });

  it('Singer: a stream each', () => {
    const [, streams = ''] =
      /STREAMS = json\.loads\(\n {4}r"""\n(.*)\n"""\n\)/s.exec(singerTap(document)) ?? [];
    const parsed = JSON.parse(streams) as readonly {
      name: string;
      schema: { properties: object };
    }[];
    expect(parsed.map(({ name }) => name)).toEqual(names);
    for (const { schema } of parsed) expect(Object.keys(schema.properties)).toContain('updated_ts');
  });

  it('Postman: a folder each, that asks for its own key', async () => {
    const { item } = JSON.parse(await postmanCollection(document)) as { item: readonly Folder[] };
    for (const name of names) {
      const folder = item.find((candidate) => candidate.name === name);
      expect(JSON.stringify(folder)).toContain(`{{${name}_key}}`);
      expect(JSON.stringify(folder)).not.toContain('{{apiKey}}');
    }
  });
});

interface Manifest {
  readonly streams: readonly { readonly name: string }[];
  readonly spec: { readonly connection_specification: { readonly required: readonly string[] } };
}

interface Folder {
  readonly name: string;
}
