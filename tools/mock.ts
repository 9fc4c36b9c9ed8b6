// `npm run mock`: the contract as a server without a store, with ready commands to ask it; `--live` the real service.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Json, type JsonObject, objectOf } from './contract/json.js';
import { type Situation, situationsOf } from './mock-situations.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One command for each situation that the contract has an example of. */
export function curlLines(situations: readonly Situation[], url: string): readonly string[] {
  return situations.map(({ path, prefer, accept, secured }) => {
    const headers = [
      ...(secured ? ['x-api-key: any'] : []),
      ...(accept === undefined ? [] : [`Accept: ${accept}`]),
      ...(prefer === undefined ? [] : [`Prefer: ${prefer}`]),
    ];
    return ['curl -i', ...headers.map((header) => `-H '${header}'`), `'${url}${path}'`].join(' ');
  });
}

async function mock(port: string): Promise<void> {
  const document = objectOf(
    JSON.parse(await readFile(join(root, 'generated/openapi.json'), 'utf8')) as Json,
  );
  const prism = join(root, 'node_modules/.bin/prism');
  const server = spawn(prism, ['mock', 'generated/openapi.json', '--port', port], {
    cwd: root,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  server.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    if (chunk.includes('is listening')) print(document, `http://127.0.0.1:${port}`);
  });
  server.on('exit', (code) => {
    process.exitCode = code ?? 0;
  });
}

function print(document: JsonObject, url: string): void {
  for (const line of curlLines(situationsOf(document), url)) console.log(line);
}

async function live(port: string): Promise<void> {
  // Loaded only here: the mock needs neither the service nor a database.
  const { startLive } = await import('./mock-live.js');
  const mock = await startLive(join(root, '.local/mock'), port);
  console.log(`The service with demonstration records, its clock standing still: ${mock.url}`);
  for (const line of mock.commands) console.log(line);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void mock.close());
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = process.env.PORT ?? '4010';
  await (process.argv.includes('--live') ? live(port) : mock(port));
}
