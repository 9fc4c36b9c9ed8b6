// How many of our files a request meets, and one line of an import: those with a function that is called for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Met {
  readonly byRequest: readonly string[];
  readonly byLine: readonly string[];
}

/** Calls of each function, by its place in the file, by the file's URL. */
type Calls = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What a timer calls meanwhile is in some of the windows, what the request needs is in all. */
const windows = 5;
const coverage = pathToFileURL(join(import.meta.dirname, '../shape-calls.mjs')).href;

/** @param project a folder of the project, of any state, that is built */
export async function filesMet(project: string): Promise<Met> {
  const folder = await mkdtemp(join(tmpdir(), 'shape-'));
  await chmod(folder, 0o755);
  const dist = join(project, 'dist');
  const service = start(folder, join(dist, 'main.js'), [], {}, 'ipc');
  try {
    const url = await addressOf(service);
    return {
      byRequest: await byRequest(service, url, folder, dist),
      byLine: await byLine(folder, dist),
    };
  } finally {
    service.kill('SIGTERM');
    await once(service, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

function start(
  folder: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  channel: 'ipc' | 'ignore',
): ChildProcess {
  return spawn(process.execPath, ['--import', coverage, program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit', channel],
  });
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of stdout ?? []) {
    printed += String(chunk);
    const url = /"url":"(http:[^"]+)".*"message":"listening"/.exec(printed)?.[1];
    if (url === undefined) continue;
    return url;
  }
  throw new Error(`the service did not start: ${printed}`);
}

async function byRequest(service: ChildProcess, url: string, folder: string, dist: string) {
  const key = (await readFile(join(folder, '.local/keys/patients_api_key'), 'utf8')).trim();
  const ask = async () => {
    const response = await fetch(`${url}/patients?limit=5`, { headers: { 'x-api-key': key } });
    await response.text();
    if (response.status !== 200) throw new Error(`GET /patients?limit=5: ${response.status}`);
  };
  // The first ones load what is loaded when it is needed.
  for (let count = 0; count < 3; count += 1) await ask();
  const found: (readonly string[])[] = [];
  for (let window = 0; window < windows; window += 1) {
    await callsOf(service);
    await ask();
    found.push(ours(Object.keys(await callsOf(service)), dist));
  }
  return inAll(found);
}

async function callsOf(service: ChildProcess): Promise<Calls> {
  const answer = once(service, 'message');
  service.send('calls');
  const [calls] = (await answer) as [Calls];
  return calls;
}

/** Files with a function that is called more often than in an import that has no line. */
async function byLine(folder: string, dist: string): Promise<readonly string[]> {
  const line = (id: number) =>
    `${JSON.stringify({ resourceType: 'Patient', id: `shape-${id}`, name: [{ family: 'Shape' }] })}\n`;
  const found: (readonly string[])[] = [];
  for (let window = 0; window < windows; window += 1) {
    const none = await importCalls(folder, dist, '');
    const one = await importCalls(folder, dist, line(window));
    const more = Object.entries(one).filter(([url, functions]) =>
      Object.entries(functions).some(([place, count]) => count > (none[url]?.[place] ?? 0)),
    );
    found.push(
      ours(
        more.map(([url]) => url),
        dist,
      ),
    );
  }
  return inAll(found);
}

async function importCalls(folder: string, dist: string, content: string): Promise<Calls> {
  const [input, output] = [join(folder, 'Patient.ndjson'), join(folder, 'calls.json')];
  await writeFile(input, content);
  const program = join(dist, 'commands/hospital-api.js');
  const env = { COVERAGE_FILE: output, LOG_LEVEL: 'warn' };
  const command = start(folder, program, ['import', input], env, 'ignore');
  command.stdout?.resume();
  await once(command, 'exit');
  if (content !== '' && command.exitCode !== 0) throw new Error('the import failed');
  return JSON.parse(await readFile(output, 'utf8')) as Calls;
}

function ours(urls: readonly string[], dist: string): readonly string[] {
  const prefix = `${pathToFileURL(dist).href}/`;
  return urls.filter((url) => url.startsWith(prefix)).map((url) => url.slice(prefix.length));
}

function inAll(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = lists;
  return first.filter((name) => rest.every((list) => list.includes(name))).sort();
}
