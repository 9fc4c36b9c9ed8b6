/** `hospital-api warehouse plan BASE`: what the tables need when the contract goes from BASE to the present one. */
import { readFile } from 'node:fs/promises';
import { contractOf, readContract } from '../contract/contract.js';
import type { OpenApiDocument } from '../contract/document.js';
import { planText } from '../warehouse/plan-text.js';
import { planOf } from '../warehouse/plan.js';
import { type WarehouseTable, tablesOf } from '../warehouse/table.js';
import { CommandError, endOnFault } from './faults.js';

export async function planWarehouse(baseFile: string): Promise<void> {
  await endOnFault(async () => {
    const base = await tablesOfFile(baseFile);
    process.stdout.write(planText(planOf(base, tablesOf(readContract().collections))));
  });
}

async function tablesOfFile(file: string): Promise<readonly WarehouseTable[]> {
  try {
    const document = JSON.parse(await readFile(file, 'utf8')) as OpenApiDocument;
    return tablesOf(contractOf(document).collections);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `${file} cannot be read as a bundled contract, such as api-spec/releases/1.0.0.json: ${why}`,
      { cause },
    );
  }
}
