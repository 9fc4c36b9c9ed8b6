/** Prism as a process on a free port: the mock of the contract, or a proxy that checks a service against it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export interface Prism {
  readonly url: string;
  close(): Promise<void>;
}

export function startMock(): Promise<Prism> {
  return start(['mock', 'generated/openapi.json']);
}

export function startProxy(upstream: string): Promise<Prism> {
  return start(['proxy', 'generated/openapi.json', upstream, '--validate-request=false']);
}

async function start(args: readonly string[]): Promise<Prism> {
  const port = await freePort();
  const prism = spawn('node_modules/.bin/prism', [...args, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  prism.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise<void>((resolve, reject) => {
    prism.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('is listening')) resolve();
    });
    prism.on('exit', () => {
      reject(new Error(`Prism ended: ${output}`));
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      prism.kill();
      await once(prism, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a TCP port has an address of this form.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
