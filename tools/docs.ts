// Builds dist/docs.html, the contract as one page that loads nothing from any other host.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redocly } from './redocly.js';

const root = fileURLToPath(new URL('..', import.meta.url));

interface PageOptions {
  /** Where the link to the guides leads; without it there is none. */
  readonly home?: string;
}

/** Builds the page of the bundle at `bundlePath` and writes it to `output`. */
export async function buildDocs(
  bundlePath: string,
  output: string,
  options: PageOptions = {},
): Promise<void> {
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
    await writeFile(output, await selfContained(await readFile(page, 'utf8'), options));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Takes out the one picture that Redoc loads from its makers, adds what Redoc lacks for keyboards and weak eyes, and has
 * the browser run the page's own scripts only and load nothing.
 */
export async function selfContained(page: string, { home }: PageOptions = {}): Promise<string> {
  const own = (name: string) => readFile(join(root, 'tools/reference', name), 'utf8');
  const marks = ['<meta charset="utf8" />', '<body>', '</body>'];
  if (!marks.every((mark) => page.includes(mark)))
    throw new Error('Redoc changed the page it writes.');
  const links = [
    '<a id="skip" class="beside" href="#">Skip to the text</a>',
    ...(home === undefined ? [] : [`<a class="home" href="${home}">Guides</a>`]),
  ];
  // Given as functions, because a text may hold `$&`.
  const whole = page
    .replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w./-]+/g, emptyPicture)
    .replace('<body>', () => `<body>${links.join('')}`)
    .replace(/<\/body>(?![^]*<\/body>)/, `<script>${await own('keyboard.js')}</script></body>`);
  const head = [
    '<meta charset="utf8" />',
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(whole)}">`,
    `<link rel="icon" href="${emptyPicture}">`,
    `<style>${await own('page.css')}</style>`,
  ];
  return whole.replace('<meta charset="utf8" />', () => head.join('\n  '));
}

/** Scripts by their hashes; Redoc writes its styles while it runs, so that these cannot be named. */
function policyOf(page: string): string {
  const scripts = [...page.matchAll(/<script(?: type="module")?>([^]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${[...new Set(scripts)].join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
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
