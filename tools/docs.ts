// Builds dist/docs.html, the contract as one page that loads nothing from any other host.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redocly } from './redocly.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the page of the bundle at `bundlePath` and writes it to `output`. */
export async function buildDocs(bundlePath: string, output: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'docs-'));
  try {
    const published = join(folder, 'openapi.json');
    await writeFile(published, withoutSecretIds(await readFile(bundlePath, 'utf8')));
    const page = join(folder, 'docs.html');
    await redocly(root, [
      'build-docs',
      published,
      `--output=${page}`,
      '--inlineBundle',
      '--title=Hospital Streaming API',
    ]);
    await writeFile(output, selfContained(await readFile(page, 'utf8')));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Takes out the one picture that Redoc loads from its makers, and has the browser refuse whatever
 * else a later Redoc might load or report.
 */
export function selfContained(page: string): string {
  const policy = [
    "default-src 'none'",
    "script-src 'unsafe-inline' blob:",
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const head = [
    '<meta charset="utf8" />',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<link rel="icon" href="${emptyPicture}">`,
    // Without its picture the link to Redoc's makers is three words in a corner.
    '<style>:has(> a[href="https://redocly.com/redoc/"]) { display: none }</style>',
  ];
  if (!page.includes('<meta charset="utf8" />'))
    throw new Error('Redoc changed the page it writes.');
  return page
    .replace('<meta charset="utf8" />', head.join('\n  '))
    .replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w./-]+/g, emptyPicture);
}

const emptyPicture = 'data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E';

/** The document as anyone may see it: without the names of secrets. */
export function withoutSecretIds(document: string): string {
  return JSON.stringify(JSON.parse(document), (key, value: unknown) =>
    key === 'x-secret-id' ? undefined : value,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(join(root, 'dist'), { recursive: true });
  await buildDocs(join(root, 'generated/openapi.json'), join(root, 'dist/docs.html'));
  console.log('Written: dist/docs.html');
}
