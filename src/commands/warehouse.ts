/** `hospital-api warehouse plan BASE`: what the tables need when the contract goes from BASE to the present one. */
import { readFile } from 'node:fs/promises';
import { Argument } from 'commander';
import type { Collection } from '../contract/collections.js';
import { contractOf, readContract } from '../contract/contract.js';
import type { OpenApiDocument } from '../contract/document.js';
import { planOf, planText } from '../warehouse/plan.js';
import { CommandError, endOnError } from './command-errors.js';
import { createCommand } from './create-command.js';

const help = `
BASE is a bundled contract: of a release, or \`git show v1.0.0:generated/openapi.json > base.json\`.

Examples:
  $ hospital-api warehouse plan api-spec/releases/1.0.0.json

Exit status: 0 said what is to be done, 1 could not go on.
`;

export const command = createCommand('warehouse')
  .addArgument(new Argument('<action>').choices(['plan']))
  .argument('<base>', 'the contract that the tables were made from')
  .addHelpText('after', help)
  .action((_action: 'plan', base: string) => planWarehouse(base));

async function planWarehouse(baseFile: string): Promise<void> {
  await endOnError(async () => {
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
