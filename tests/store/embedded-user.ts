/** A process that uses the embedded database of a folder until its standard input ends: `embedded-user.ts FOLDER ROLE`. */
import { once } from 'node:events';
import { EmbeddedError } from '../../src/db/embedded/program.js';
import { openEmbedded } from '../../src/db/embedded/embedded.js';

const [, , folder = '', role] = process.argv;
try {
  const server = await openEmbedded({ folder, role: role === 'service' ? 'service' : 'command' });
  console.log(JSON.stringify({ url: server.url, origin: server.origin }));
  process.stdin.resume();
  await once(process.stdin, 'end');
  await server.close();
} catch (error) {
  if (!(error instanceof EmbeddedError)) throw error;
  console.log(JSON.stringify({ refusal: error.message }));
}
