/** Whether a process id is that of a PostgreSQL server that still runs. */
import { readFile } from 'node:fs/promises';
import { errorCode, unless } from './embedded-error.js';
import { runProgram } from './program.js';

export async function isServerProcess(pid: number): Promise<boolean> {
  return isAlive(pid) && (await readCommand(pid)).includes('postgres');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Empty for a process that has ended and only waits to be noticed by its parent. */
async function readCommand(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return (await unless(['ENOENT', 'ESRCH'], readFile(`/proc/${pid}/cmdline`, 'utf8'))) ?? '';
  }
  const { output } = await runProgram('/bin/ps', ['-o', 'command=', '-p', String(pid)], undefined);
  return output;
}
