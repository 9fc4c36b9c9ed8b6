// The first page of the site: what there is, by who reads it, and what can be taken away.
import { type Json, objectOf, wordOf } from '../contract/json.js';
import type { Guide } from './guides.js';
import { escaped } from './markdown.js';
import type { PageText } from './page.js';

export function startPage(
  document: unknown,
  groups: readonly { readonly readers: string; readonly guides: readonly Guide[] }[],
  workflows: readonly string[],
): PageText {
  // It was read from JSON.
  const { title, summary, version } = objectOf(objectOf(document as Json).info);
  const html = `<h1>${escaped(wordOf(title))}</h1>
<p class="lead">${escaped(wordOf(summary))} Contract ${escaped(wordOf(version))}.</p>
<img src="way.svg" alt="An extract is imported into PostgreSQL; its feeds are pulled by readers, or produced to BigQuery">
${cards('API reference', [
  card('docs/index.html', 'Reference', 'Every operation, field and answer, with a search.'),
])}
${groups
  .map(({ readers, guides }) =>
    cards(
      readers,
      guides.map(({ page, title: name, about }) => card(`${page}.html`, name, about)),
    ),
  )
  .join('\n')}
${cards('Downloads', [
  card('openapi.json', 'openapi.json', 'The contract as the service serves it.'),
  card('openapi.yaml', 'openapi.yaml', 'The same, easier to read.'),
  ...workflows.map((file) => card(`workflows/${file}`, file, 'A workflow in Arazzo.')),
])}`;
  return { page: 'index', title: wordOf(title), html, sections: [] };
}

function cards(heading: string, items: readonly string[]): string {
  return `<h2>${heading}</h2>\n<ul class="cards">${items.join('')}</ul>`;
}

function card(address: string, name: string, about: string): string {
  return `<li><a href="${address}">${escaped(name)}</a><p>${escaped(about)}</p></li>`;
}
