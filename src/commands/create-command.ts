/** The settings that the program and all its subcommands have in common. */
import { Command } from 'commander';

export function createCommand(name: string): Command {
  return new Command(name).showHelpAfterError('(add --help for the arguments and examples)');
}
