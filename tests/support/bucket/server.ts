/** A local server that speaks as much of Cloud Storage's JSON API as one object with generations needs. */
import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { crc32c } from '../../../src/security/secrets/google-client.js';

export interface BucketServer {
  /** For STORAGE_EMULATOR_HOST. */
  readonly url: string;
  /** Text and generation by `bucket/object`. */
  readonly objects: Map<string, { readonly content: string; readonly generation: number }>;
  readonly faults: { denied: boolean };
  close(): void;
}

export async function startBucket(): Promise<BucketServer> {
  const objects: BucketServer['objects'] = new Map();
  const faults = { denied: false };
  const server = createServer((request, response) => {
    void handle(request, response, { objects, faults });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    faults,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { objects, faults }: Pick<BucketServer, 'objects' | 'faults'>,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://bucket');
  const body = await text(request);
  if (faults.denied) {
    refuse(response, 403, 'producer does not have storage.objects.get access');
    return;
  }
  const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname);
  if (upload !== null && request.method === 'POST') {
    const { name, content } = partsOf(request, body, url);
    write(response, url, { objects, key: `${upload[1] ?? ''}/${name}`, content });
    return;
  }
  const listed = /^(?:\/storage\/v1)?\/b\/([^/]+)\/o$/.exec(url.pathname);
  if (listed !== null) {
    list(response, objects, `${listed[1] ?? ''}/${url.searchParams.get('prefix') ?? ''}`);
    return;
  }
  const [, bucket = '', name = ''] =
    /^\/(?:download\/)?(?:storage\/v1\/)?b\/([^/]+)\/o\/(.+)$/.exec(url.pathname) ?? [];
  const key = `${bucket}/${decodeURIComponent(name)}`;
  const stored = objects.get(key);
  const asked = url.searchParams.get('generation');
  if (stored === undefined || (asked !== null && asked !== String(stored.generation))) {
    refuse(response, 404, `No such object: ${key}`);
  } else if (url.searchParams.get('alt') === 'media') {
    const { crc32c: crc, md5Hash } = hashesOf(stored.content);
    const hashes = { 'x-goog-hash': `crc32c=${crc},md5=${md5Hash}` };
    response.writeHead(200, { 'content-type': 'application/json', ...hashes }).end(stored.content);
  } else {
    tell(response, key, stored);
  }
}

function list(response: ServerResponse, objects: BucketServer['objects'], start: string): void {
  const items = [...objects].flatMap(([key, { generation }]) => {
    const [bucket, ...name] = key.split('/');
    const facts = { kind: 'storage#object', bucket, name: name.join('/') };
    return key.startsWith(start) ? [{ ...facts, generation: String(generation) }] : [];
  });
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'storage#objects', items }));
}

interface Write {
  readonly objects: BucketServer['objects'];
  readonly key: string;
  readonly content: string;
}

function write(response: ServerResponse, url: URL, { objects, key, content }: Write): void {
  const present = objects.get(key)?.generation ?? 0;
  const wanted = url.searchParams.get('ifGenerationMatch');
  if (wanted !== null && Number(wanted) !== present) {
    refuse(response, 412, 'At least one of the pre-conditions you specified did not hold.');
    return;
  }
  // Real generations are microseconds, and only ever rise.
  const stored = { content, generation: Math.max(present + 1, Date.now() * 1000) };
  objects.set(key, stored);
  tell(response, key, stored);
}

/** `multipart/related`: metadata, then the content. */
function partsOf({ headers }: IncomingMessage, body: string, url: URL) {
  const boundary = /boundary="?([^";]+)"?/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  const [metadata = '', content = ''] = body
    .split(`--${boundary}`)
    .slice(1)
    .map((part) => part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, ''));
  const { name } = JSON.parse(metadata === '' ? '{}' : metadata) as { readonly name?: string };
  return { name: url.searchParams.get('name') ?? name ?? '', content };
}

type Stored = BucketServer['objects'] extends Map<string, infer Value> ? Value : never;

function tell(response: ServerResponse, key: string, { content, generation }: Stored): void {
  const [bucket, ...name] = key.split('/');
  const facts = { kind: 'storage#object', bucket, name: name.join('/') };
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ ...facts, generation: String(generation), ...hashesOf(content) }));
}

/** The client compares them with what it sent. */
function hashesOf(content: string) {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(Buffer.from(content)));
  const md5Hash = createHash('md5').update(content).digest('base64');
  return { crc32c: crc.toString('base64'), md5Hash };
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { code, message, errors: [{ message }] } }));
}
