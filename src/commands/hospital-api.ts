#!/usr/bin/env node
/** The operators' command; what a subcommand needs is loaded only when it is the one that was asked for. */
import { Argument, Command, Option } from 'commander';
import { addAudit } from './audit-options.js';
import { addImport } from './import-options.js';
import { packageVersion } from './open-log.js';
import { addProduce } from './produce-options.js';
import { addReconcile } from './reconcile-options.js';
import { addStored } from './stored-options.js';
import { addWarehouse } from './warehouse-options.js';
import type { KeyAction, KeysCommand } from './keys.js';

const programExamples = `
Examples:
  $ hospital-api serve
  $ hospital-api import extract/
  $ hospital-api keys list patients
  $ hospital-api import --help
`;

const serveExamples = `
Settings come from the environment, from .env, and from the YAML file that CONFIG_FILE names, in this order.

Examples:
  $ hospital-api serve                                  with a PostgreSQL of its own in .local/
  $ PORT=9000 hospital-api serve
  $ hospital-api serve --check-config                   starts nothing; secrets are masked
  $ DATABASE_URL=postgres://hospital@localhost/hospital API_KEYS_DIR=/run/secrets/api-keys hospital-api serve

Exit status: 0 ended by a signal, 1 could not go on, 78 configuration.
`;

const keysExamples = `
The secret is the one that the service would read by the same settings. \`rotate\` leaves the key before valid,
\`revoke\` ends it; docs/rotation.md tells the whole way.

Examples:
  $ hospital-api keys generate patients
  $ hospital-api keys rotate patients --consumer research
  $ hospital-api keys list patients --log service.log
  $ hospital-api keys revoke patients --yes

Exit status: 0 done, 1 could not go on, 78 configuration.
`;

await createProgram().parseAsync();

function createProgram(): Command {
  const program = new Command('hospital-api')
    .description('Patients, appointments and lab results of a hospital as record feeds.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the arguments and examples)')
    .addHelpText('after', programExamples);
  addServe(program);
  addImport(program);
  addStored(program);
  addProduce(program);
  addKeys(program);
  addAudit(program);
  addWarehouse(program);
  addReconcile(program);
  return program;
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service until SIGTERM or SIGINT')
    .option(
      '--check-config',
      'show the settings as they count, where each comes from, and all faults',
    )
    .addHelpText('after', serveExamples)
    .action(async ({ checkConfig }: { readonly checkConfig?: true }) => {
      if (checkConfig === true) await checkOnly();
      else await (await import('./serve.js')).serve();
    });
}

async function checkOnly(): Promise<void> {
  const { checkConfig } = await import('./check-config.js');
  const { endOnFault } = await import('./command-errors.js');
  await endOnFault(checkConfig);
}

function addKeys(program: Command): void {
  program
    .command('keys')
    .description('make, rotate, list or revoke the keys of a scheme; never shows one')
    .addArgument(new Argument('<action>').choices(['generate', 'rotate', 'list', 'revoke']))
    .argument('<scheme>', 'the security scheme of the contract, such as patients')
    .option('--consumer <name>', 'one of CONSUMERS', 'default')
    .addOption(new Option('--source <kind>', 'where the keys are').choices(['google', 'files']))
    .option('--log <file>', 'the service’s log, to tell when a key was last used; - is stdin')
    .option('--yes', 'write without asking', false)
    .addHelpText('after', keysExamples)
    .action(async (action: KeyAction, scheme: string, options: KeyOptions) => {
      const { changeKeys } = await import('./keys.js');
      await changeKeys({
        action,
        scheme,
        consumer: options.consumer,
        source: options.source,
        log: options.log,
        yes: options.yes,
      });
    });
}

type KeyOptions = Omit<KeysCommand, 'action' | 'scheme'>;
