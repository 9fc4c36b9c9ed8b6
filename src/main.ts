/** The service as a process: environment to configuration to service, until a signal ends it. */
import { serve } from './commands/serve.js';

await serve();
