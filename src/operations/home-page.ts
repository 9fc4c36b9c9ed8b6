/** The start page: what the service is, and where to read on. It links only to what the service itself serves. */
import { createHash } from 'node:crypto';
import type { Contract } from '../contract/contract.js';

/** @param publicPath path of `PUBLIC_URL` without a closing slash, so that links hold behind a proxy */
export function homePage({ document, collections }: Contract, publicPath: string): string {
  const { title, version, summary = '', description = '' } = document.info;
  const link = (path: string, text: string) =>
    `<a href="${escaped(publicPath + path)}">${escaped(text)}</a>`;
  const guides = headingsOf(description).map((heading) =>
    link(`/docs#section/${encodeURIComponent(heading)}`, heading),
  );
  const feeds = collections.map(({ listPath }) => `<code>GET ${escaped(listPath)}</code>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(summary)} Contract ${escaped(version)}.</p>
<h2>Read</h2>
<ul>
<li>${link('/docs', 'API reference')}: every operation, field and answer, with a search</li>
<li>${link('/openapi.json', 'OpenAPI document')}: the contract, for tools and generators</li>
<li>Guides: ${guides.join(' · ')}</li>
</ul>
<h2>Feeds</h2>
${listOf(feeds)}
<p>Each feed needs a key of its own in the header <code>x-api-key</code>. The operator of this service hands keys out.</p>
<p>${link('/health/ready', 'Is the service ready?')}</p>
</main>
</body>
</html>
`;
}

const style = `body{margin:0;font:16px/1.6 system-ui,sans-serif;color:#1c1f26;background:#fff}
main{max-width:42rem;margin:0 auto;padding:3rem 1.2rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .8rem}
h2{font-size:1.2rem;margin:2rem 0 .4rem}
ul{padding-left:1.2rem}
a{color:#0a56c2}
a:focus-visible{outline:3px solid;outline-offset:2px}
code{font:.9em ui-monospace,monospace}
@media(prefers-color-scheme:dark){body{color:#e7e9ee;background:#16181d}a{color:#8ab8ff}}`;

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The chapters of the contract's description, each an anchor of the reference page. */
function headingsOf(description: string): readonly string[] {
  return [...description.matchAll(/^# (.+)$/gm)].map(([, heading = '']) => heading);
}

function listOf(items: readonly string[]): string {
  return `<ul>\n${items.map((item) => `<li>${item}</li>`).join('\n')}\n</ul>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
