/** `hospital-api warehouse plan BASE`: what the tables need when the contract goes from BASE to the present one. */
import { readFile } from 'node:fs/promises';
import type { Collection } from '../contract/collections.js';
import { contractOf, readContract } from '../contract/contract.js';
import type { OpenApiDocument } from '../contract/document.js';
import { planOf, planText } from '../warehouse/plan.js';
import { CommandError, endOnFault } from './command-errors.js';

export async function planWarehouse(baseFile: string): Promise<void> {
  await endOnFault(async () => {
    const base = await collectionsOf(baseFile);
    process.stdout.write(planText(planOf(base, readContract().collections)));
  });
}

async function collectionsOf(file: string): Promise<readonly Collection[]> {
  try {
    const document = JSON.parse(await readFile(file, 'utf8')) as OpenApiDocument;
    return contractOf(document).collections;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `${file} cannot be read as a bundled contract, such as api-spec/releases/1.0.0.json: ${why}`,
      { cause },
    );
  }
}
