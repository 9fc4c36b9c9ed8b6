/** Runs the local Secret Manager by hand: `npm run lab -- emulate:secrets 9085`. */
import { startSecretManager } from './server.js';

const { host } = await startSecretManager(Number(process.argv[2] ?? 9085));
process.stdout.write(`SECRET_MANAGER_EMULATOR_HOST=${host}\n`);
