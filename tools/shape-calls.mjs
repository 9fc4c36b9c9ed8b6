// Loaded into a program before it starts: counts calls of its functions, and hands the counts out.
// To a parent with a channel for each message that it sends, which starts the count anew; else into a file at the end.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** Calls of each function of each file; what runs once as a module is loaded is none. */
function takeCalls() {
  /** @type {Record<string, Record<string, number>>} */
  const calls = {};
  // A session within its own process answers before `post` returns.
  session.post('Profiler.takePreciseCoverage', (_, { result }) => {
    for (const { url, functions } of result) {
      const called = functions.filter(
        ({ ranges: [range] }) => range.startOffset > 0 && range.count > 0,
      );
      if (!url.startsWith('file:') || called.length === 0) continue;
      calls[url] = Object.fromEntries(
        called.map(
          ({ ranges: [range] }) => /** @type {const} */ ([range.startOffset, range.count]),
        ),
      );
    }
  });
  return calls;
}

if (process.send !== undefined) {
  process.on('message', () => process.send?.(takeCalls()));
  process.channel?.unref();
}
const { COVERAGE_FILE: file } = process.env;
if (file !== undefined)
  process.on('exit', () => {
    writeFileSync(file, JSON.stringify(takeCalls()));
  });
