// The documentation page stands alone.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDocs, selfContained, withoutSecretIds } from '../../tools/docs.js';

// What makes a browser fetch as soon as it reads the markup, or the styles within.
const outsideLoads = [
  /<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?\/\//i,
  /<link\b[^>]*\bhref=["']?(?:https?:)?\/\//i,
  /@import\s+(?:url\()?["']?(?:https?:)?\/\//i,
  /url\(["']?(?:https?:)?\/\//i,
  /cdn\.redoc\.ly/,
];

describe('docs page', () => {
  let folder: string;
  let page: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docs-test-'));
    const output = join(folder, 'docs.html');
    await buildDocs(
      fileURLToPath(new URL('../../generated/openapi.json', import.meta.url)),
      output,
    );
    page = await readFile(output, 'utf8');
  }, 60_000);
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('loads nothing from any other host', () => {
    for (const load of outsideLoads) expect(load.exec(page)?.[0]).toBeUndefined();
  });

  it('has the browser refuse every host, and reports nothing to the makers of Redoc', () => {
    expect(page).toContain(`Content-Security-Policy" content="default-src 'none';`);
    expect(page).toContain('"disableTelemetry":true');
  });

  it('names no secret', () => {
    expect(page).not.toMatch(/x-secret-id|_api_key/);
  });

  it('has an anchor for a problem type, and the title', () => {
    expect(page).toContain('section/errors/record-not-found');
    expect(page).toContain('<title>Hospital Streaming API</title>');
  });
});

describe('docs tools', () => {
  it('takes secret ids out of a document, and nothing else', () => {
    expect(withoutSecretIds('{"a":{"x-secret-id":"s","name":"n"}}')).toBe('{"a":{"name":"n"}}');
  });

  it('refuses a page that it cannot make safe', async () => {
    await expect(selfContained('<html></html>')).rejects.toThrow('Redoc changed');
  });
});
