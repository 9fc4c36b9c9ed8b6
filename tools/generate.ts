// Writes every artifact that is derived from the contract, or with --check says which are stale.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { contractOf } from '../src/contract/contract.js';
import type { OpenApiDocument } from '../src/contract/document.js';
import { warehouseFiles } from '../src/warehouse/ddl.js';
import { airbyteLinesManifest, airbyteManifest } from './clients/airbyte.js';
import { dltSource } from './clients/dlt.js';
import { postmanCollection } from './clients/postman.js';
import { singerTap } from './clients/singer.js';
import { configurationPage } from './configuration-page.js';
import { errorsPage } from './errors-page.js';
import { exampleEnv, exampleYaml } from './example-config.js';
import { mappingPage } from './mapping-page.js';
import { metricsPage } from './metrics-page.js';
import { redocly } from './redocly.js';
import { workflowsPage } from './workflows-page.js';

export type Bundle = OpenAPI3;

export interface Artifact {
  /** Path from the root of the project. */
  readonly file: string;
  readonly make: (bundle: Bundle) => string | Promise<string>;
}

const fixedArtifacts: readonly Artifact[] = [
  { file: 'generated/openapi.json', make: (bundle) => `${JSON.stringify(bundle, null, 2)}\n` },
  { file: 'generated/api.d.ts', make: types },
  { file: 'generated/clients/dlt/hospital_streaming_api.py', make: client(dltSource) },
  { file: 'generated/clients/airbyte/manifest.yaml', make: client(airbyteManifest) },
  { file: 'generated/clients/airbyte/manifest-ndjson.yaml', make: client(airbyteLinesManifest) },
  { file: 'generated/clients/singer/tap_hospital_streaming_api.py', make: client(singerTap) },
  { file: 'generated/clients/postman_collection.json', make: client(postmanCollection) },
  { file: 'docs/configuration.md', make: configurationPage },
  { file: 'config/example.env', make: exampleEnv },
  { file: 'config/example.yaml', make: exampleYaml },
  { file: 'docs/import-mapping.md', make: mappingPage },
  { file: 'docs/errors.md', make: errorsPage },
  { file: 'docs/metrics.md', make: metricsPage },
  { file: 'docs/workflows.md', make: workflowsPage },
];

/** With the files of the warehouse, of which each collection has its own. */
export function artifactsOf(bundle: Bundle): readonly Artifact[] {
  // The same document, in the words of the service.
  const { collections } = contractOf(bundle as unknown as OpenApiDocument);
  const warehouse = warehouseFiles(collections).map(({ name, text }) => ({
    file: `generated/warehouse/${name}`,
    make: () => text,
  }));
  return [...fixedArtifacts, ...warehouse];
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** The contract as one document, its references kept under `components`. */
export async function bundleContract(projectRoot: string = root): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-'));
  try {
    const output = join(folder, 'openapi.json');
    await redocly(projectRoot, ['bundle', 'hospital', '--output', output]);
    // Redocly has just written it as an OpenAPI document.
    return JSON.parse(await readFile(output, 'utf8')) as Bundle;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes the artifacts below `folder`. */
export async function writeArtifacts(bundle: Bundle, folder: string): Promise<void> {
  for (const { file, make } of artifactsOf(bundle)) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await make(bundle));
  }
}

/** Names the files below `folder` that are missing or differ from what the bundle gives. */
export async function staleArtifacts(bundle: Bundle, folder: string): Promise<string[]> {
  const stale: string[] = [];
  for (const { file, make } of artifactsOf(bundle)) {
    const present = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (present !== (await make(bundle))) stale.push(file);
  }
  return stale;
}

function client(make: (document: OpenApiDocument) => string | Promise<string>): Artifact['make'] {
  // The bundle was checked by Redocly: a valid document with every part that is read of it.
  return (bundle) => make(bundle as unknown as OpenApiDocument);
}

async function types(bundle: Bundle): Promise<string> {
  const ast = await openapiTS(withOptionalHeadersInline(bundle), {
    immutable: true,
    emptyObjectsUnknown: true,
  });
  return `// Types of the contract. Written by \`npm run generate\`; edit api-spec instead.\n${astToString(ast)}`;
}

/** A copy for openapi-typescript, which takes every header behind a `$ref` for a required one. */
function withOptionalHeadersInline(bundle: Bundle): Bundle {
  const optional = new Map(
    Object.entries(bundle.components?.headers ?? {})
      .filter(([, header]) => !('$ref' in header) && header.required !== true)
      .map(([name, header]) => [`#/components/headers/${name}`, header]),
  );
  const text = JSON.stringify(bundle, (_key, value: unknown) =>
    isReference(value) ? (optional.get(value.$ref) ?? value) : value,
  );
  // The same document, with some references followed.
  return JSON.parse(text) as Bundle;
}

function isReference(value: unknown): value is { $ref: string } {
  return typeof value === 'object' && value !== null && '$ref' in value;
}

async function main(args: readonly string[]): Promise<void> {
  const bundle = await bundleContract();
  if (!args.includes('--check')) {
    await writeArtifacts(bundle, root);
    console.log(
      `Written: ${artifactsOf(bundle)
        .map(({ file }) => file)
        .join(', ')}`,
    );
    return;
  }
  const stale = await staleArtifacts(bundle, root);
  for (const file of stale) console.error(`${file} is stale: run \`npm run generate\`.`);
  if (stale.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
