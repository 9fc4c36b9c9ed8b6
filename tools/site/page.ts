// A page of the site: what stands around its text.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Guide } from './guides.js';
import { escaped } from './markdown.js';

export interface PageText {
  /** Name of the page, without its ending. */
  readonly page: string;
  readonly title: string;
  readonly html: string;
  readonly sections: readonly { readonly id: string; readonly text: string }[];
}

interface Frame {
  readonly style: string;
  readonly groups: readonly { readonly readers: string; readonly guides: readonly Guide[] }[];
}

export async function readStyle(): Promise<string> {
  return readFile(new URL('style.css', import.meta.url), 'utf8');
}

export function framed(
  { page, title, html, sections }: PageText,
  { style, groups }: Frame,
): string {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self' file: data:; base-uri 'none'; form-action 'none'`;
  const name = 'Hospital Streaming API';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E">
<title>${page === 'index' ? name : `${escaped(title)} · ${name}`}</title>
<style>${style}</style>
</head>
<body>
<a id="skip" class="skip" href="#text">Skip to the text</a>
<header><a class="home" href="index.html">${name}</a><a class="to-guides" href="#guides">Guides</a><a href="docs/index.html">API reference</a></header>
<div class="frame">
<nav id="guides" aria-label="Guides">
${groups.map(({ readers, guides }) => groupOf(readers, guides, page)).join('\n')}
</nav>
<main id="text" tabindex="-1">
${html}
</main>
${contentsOf(sections)}
</div>
</body>
</html>
`;
}

function groupOf(readers: string, guides: readonly Guide[], present: string): string {
  const links = guides.map(({ page, title }) => {
    const mark = page === present ? ' aria-current="page"' : '';
    return `<li><a href="${page}.html"${mark}>${title}</a></li>`;
  });
  return `<p>${readers}</p><ul>${links.join('')}</ul>`;
}

function contentsOf(sections: PageText['sections']): string {
  if (sections.length < 2) return '';
  const links = sections.map(({ id, text }) => `<li><a href="#${id}">${escaped(text)}</a></li>`);
  return `<aside aria-label="On this page"><p>On this page</p><ul>${links.join('')}</ul></aside>`;
}
