#!/usr/bin/env node
/** The operators' command. Each subcommand is a file that is loaded only when it is called. */
import { Command } from 'commander';
import { createCommand } from './create-command.js';
import { packageVersion } from './open-log.js';

interface Subcommand {
  readonly description: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  serve: {
    description: 'run the service until SIGTERM or SIGINT',
    load: () => import('./serve.js'),
  },
  import: {
    description: 'load FHIR resources into the store',
    load: () => import('./import.js'),
  },
  remap: {
    description: 'derive stored records again from the resources that were kept of them',
    load: () => import('./remap.js'),
  },
  revalidate: {
    description: 'migrate stored records to the present contract, after it has changed',
    load: () => import('./revalidate.js'),
  },
  epoch: {
    description: 'show the history that the feeds belong to, or begin a new one after a restore',
    load: () => import('./epoch.js'),
  },
  produce: {
    description: 'publish the feeds to Pub/Sub, and go on with what changes',
    load: () => import('./produce.js'),
  },
  keys: {
    description: 'make, rotate, list or revoke the keys of a scheme; never shows one',
    load: () => import('./keys.js'),
  },
  audit: {
    description: 'who was given which versions of which records',
    load: () => import('./audit.js'),
  },
  warehouse: {
    description: 'say what the tables of the warehouse need after a change of the contract',
    load: () => import('./warehouse.js'),
  },
  reconcile: {
    description: 'compare feeds with their BigQuery tables: names missing, stale and orphan rows',
    load: () => import('./reconcile.js'),
  },
};

const examples = `
Examples:
  $ hospital-api serve
  $ hospital-api import extract/
  $ hospital-api keys list patients
  $ hospital-api import --help
`;

const program = createCommand('hospital-api')
  .description('Patients, appointments and lab results of a hospital as record feeds.')
  .version(packageVersion())
  // Only one subcommand is loaded, so the list shows no arguments of any.
  .configureHelp({ subcommandTerm: (command) => command.name() })
  .addHelpText('after', examples);

const called = process.argv.find((word) => Object.hasOwn(subcommands, word));
for (const [name, { description, load }] of Object.entries(subcommands)) {
  const command = name === called ? (await load()).command : new Command(name);
  program.addCommand(command.description(description));
}
await program.parseAsync();
