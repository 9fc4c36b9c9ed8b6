/** Keeps a copy of all that the service and its commands print while tests run, for the check at the end of the run. */
import { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { knownFile } from './marks.js';

/** @param title what prints: the command line, or the log of a service within the test's process */
export function keepPrinted(title: string): (chunk: string | Buffer) => void {
  const file = join(inject('printedFolder'), `${randomBytes(8).toString('hex')}.txt`);
  appendFileSync(file, `${title}\n`);
  return (chunk) => {
    appendFileSync(file, chunk);
  };
}

/** Keys that were made by chance, which no mark tells: they are looked for as they are. */
export async function keepKeys(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const key = (await readFile(join(folder, name), 'utf8')).trim();
    appendFileSync(join(inject('printedFolder'), knownFile), `${key}\n`);
  }
}

/** The part of `ChildProcess` that every way of starting a process without waiting for it comes by. */
interface Spawning {
  spawn: (this: ChildProcess, options: { readonly args?: readonly string[] }) => number;
}

const programs = /(?:dist|src)\/(?:main|commands\/hospital-api)\.[jt]s$/;

/** Loaded before each file of tests: its processes are its own, so what it changes ends with it. */
function keepChildren(): void {
  // Node's type leaves the method out, which `spawn`, `exec`, `execFile` and `fork` all call.
  const prototype = ChildProcess.prototype as unknown as Spawning;
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    const result = spawn.call(this, options);
    const { args = [] } = options;
    if (!args.some((arg) => programs.test(arg))) return result;
    for (const [name, stream] of Object.entries({ stdout: this.stdout, stderr: this.stderr })) {
      if (stream === null) continue;
      const keep = keepPrinted(`${name} of ${args.join(' ')}`);
      const push = stream.push.bind(stream);
      // Listening would set the stream flowing before its test listens.
      stream.push = (chunk: Buffer | null, encoding) => {
        if (chunk !== null) keep(chunk);
        return push(chunk, encoding);
      };
    }
    return result;
  };
}

keepChildren();
