/** A service that is asked for neither metrics nor traces loads nothing of OpenTelemetry, and no `fetch`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder, programs, settingsFor, urlOf } from '../commands/processes.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { scrape } from '../support/scrape.js';

let folder: Folder;
let database: TestDatabase;
beforeEach(async () => {
  folder = await makeFolder();
  database = await createDatabase();
});
afterEach(async () => {
  await folder.remove();
  await database.drop();
});

/** Writes the files that a process loads into `loaded`, ECMAScript modules and CommonJS. */
const hooks = `
import { appendFileSync } from 'node:fs';
import module, { register } from 'node:module';
const note = (name) => appendFileSync('loaded', name + '\\n');
const load = module._load;
module._load = function (name, ...rest) { note(name); return load.call(this, name, ...rest); };
const { get } = Object.getOwnPropertyDescriptor(globalThis, 'Response');
Object.defineProperty(globalThis, 'Response', { get: () => { note('fetch'); return get.call(globalThis); } });
register('data:text/javascript,' + encodeURIComponent(\`
import { appendFileSync } from 'node:fs';
export async function load(url, context, next) { appendFileSync('loaded', url + '\\\\n'); return next(url, context); }
\`));
`;

async function loadedBy(env: Readonly<Record<string, string>>) {
  const settings = await settingsFor(folder, database.url);
  const hook = await folder.write('hooks.mjs', hooks);
  const run = folder.run(programs.main, [], {
    PORT: '0',
    NODE_OPTIONS: `--import=${hook}`,
    ...settings,
    ...env,
  });
  await urlOf(run);
  const loaded = await readFile(join(folder.path, 'loaded'), 'utf8');
  return { run, loaded: loaded.split('\n').filter((name) => /opentelemetry|^fetch$/.test(name)) };
}

it('none without METRICS_PORT and OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
  expect((await loadedBy({})).loaded).toEqual([]);
});

it('OpenTelemetry, and a port of its own, with METRICS_PORT', async () => {
  const { run, loaded } = await loadedBy({ METRICS_PORT: '0' });
  expect(loaded).toContain('@opentelemetry/api');
  const url = await run.line(/"metricsUrl":"(http:[^"]+)"/);
  expect(new URL(url).hostname).toBe('127.0.0.1');
  expect((await scrape(url)).length).toBeGreaterThan(10);
});
