// Redocly's command line for many calls: it is loaded once, since loading takes three times as long as a comparison.
import { URL, fileURLToPath } from 'node:url';

const entry = new URL('../node_modules/@redocly/cli/lib/index.js', import.meta.url).href;
const once = process.once.bind(process);
let calls = 0;
let last = Promise.resolve();

// One after the other: each call has the process's arguments to itself.
process.on('message', (args) => {
  last = last.then(async () => process.send?.(await run(args)));
});
process.on('disconnect', () => process.exit());

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} its status
 */
function run(args) {
  process.argv = [process.execPath, fileURLToPath(entry), ...args];
  return new Promise((resolve, reject) => {
    // The command ends with what its process would do when nothing is left to do: with its status.
    process.once = (name, listener) => {
      if (name !== 'beforeExit') return once(name, listener);
      const exit = process.exit.bind(process);
      process.exit = (status) => {
        resolve(Number(status));
      };
      listener();
      process.exit = exit;
      return process;
    };
    import(`${entry}?call=${++calls}`).catch(reject);
  });
}
