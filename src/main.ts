/** The service as a process: environment to configuration to service, until a signal ends it. */
import { CommandError, endOnError } from './commands/command-errors.js';
import { runService } from './commands/run-service.js';

const [option, ...more] = process.argv.slice(2);
if (option === undefined) await runService();
else {
  await endOnError(async () => {
    if (option !== '--check-config' || more.length > 0) {
      throw new CommandError(`there is no ${option}; the only option is --check-config`);
    }
    const { showConfig } = await import('./commands/serve.js');
    await showConfig();
  });
}
