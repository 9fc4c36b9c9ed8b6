/** The start page: links that hold, and a page that may load nothing. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type TestService, startService } from '../support/service.js';

let service: TestService | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

const linksOf = (page: string) => [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, to = '']) => to);

describe('getHome', () => {
  it('200 without a key, with links to what the service serves', async () => {
    service = await startService();
    const { status, text, headers } = await service.fetch('/');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html']);
    const { title, version } = readContract().document.info;
    expect(text).toContain(`<h1>${title}</h1>`);
    expect(text).toContain(`Contract ${version}.`);
    const links = linksOf(text);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/openapi.json', '/docs#section/Feed']));
    for (const link of new Set(links.map((each) => each.split('#')[0] ?? ''))) {
      expect([link, (await service.fetch(link)).status]).toEqual([link, 200]);
    }
  });

  it('200 under a policy that lets it apply its own style, and load nothing', async () => {
    service = await startService();
    const { text, headers } = await service.fetch('/');
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });

  it('200 with links under the path of PUBLIC_URL, and the feeds of COLLECTIONS', async () => {
    service = await startService({
      config: { publicUrl: new URL('https://api.example.org/v1/'), collections: ['patients'] },
    });
    const { text } = await service.fetch('/');
    expect(linksOf(text).filter((link) => !link.startsWith('/v1/'))).toEqual([]);
    expect(text.match(/GET \/\w+/g)).toEqual(['GET /patients']);
  });
});
