/** Loaded before each quick test: what starts a process belongs into a file named `*.process.test.ts`. */
import { ChildProcess } from 'node:child_process';

// Node's type leaves the method out, which `spawn`, `exec`, `execFile` and `fork` all call.
(ChildProcess.prototype as unknown as { spawn: () => never }).spawn = () => {
  throw new Error('a test that starts a process is named *.process.test.ts');
};
