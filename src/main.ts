/** The service as a process: environment to configuration to service, until a signal ends it. */
import { checkConfig } from './commands/check-config.js';
import { CommandError, endOnFault } from './commands/command-errors.js';
import { serve } from './commands/serve.js';

const [option, ...more] = process.argv.slice(2);
if (option === undefined) await serve();
else {
  await endOnFault(async () => {
    if (option === '--check-config' && more.length === 0) await checkConfig();
    else throw new CommandError(`there is no ${option}; the only option is --check-config`);
  });
}
