/** The command line of `hospital-api warehouse`. */
import { Argument, type Command } from 'commander';

const examples = `
BASE is a bundled contract: of a release, or \`git show v1.0.0:generated/openapi.json > base.json\`.

Examples:
  $ hospital-api warehouse plan api-spec/releases/1.0.0.json

Exit status: 0 said what is to be done, 1 could not go on.
`;

export function addWarehouse(program: Command): void {
  program
    .command('warehouse')
    .description('say what the tables of the warehouse need after a change of the contract')
    .addArgument(new Argument('<action>').choices(['plan']))
    .argument('<base>', 'the contract that the tables were made from')
    .addHelpText('after', examples)
    .action(async (_action: 'plan', base: string) => {
      const { planWarehouse } = await import('./warehouse-plan.js');
      await planWarehouse(base);
    });
}
