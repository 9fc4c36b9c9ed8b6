/** The process's own output streams, whose readers may go away. */

/** `| head` closes a pipe and a terminal may vanish: neither ends a command that still has work. */
export function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
