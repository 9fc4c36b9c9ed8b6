/** Runs the local Pub/Sub by hand: `npm run lab -- emulate:pubsub 8085 projects/hospital/topics/hospital-patients …`. */
import { startPubSub } from './server.js';

const [port = '8085', ...topics] = process.argv.slice(2);
const { host, broker } = await startPubSub({ port: Number(port) });
for (const topic of topics) broker.createTopic(topic);
process.stdout.write(`PUBSUB_EMULATOR_HOST=${host}\n`);
