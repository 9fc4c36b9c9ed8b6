// Markdown as HTML, by the parser that Prettier formats it with.
import { parsers } from 'prettier/plugins/markdown';

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
  readonly depth?: number;
  readonly ordered?: boolean;
  readonly start?: number | null;
  readonly url?: string;
  readonly alt?: string | null;
  readonly align?: readonly (string | null)[];
}

export interface Rendered {
  readonly html: string;
  readonly title: string;
  /** Headings of the second level. */
  readonly sections: readonly { readonly id: string; readonly text: string }[];
  readonly ids: ReadonlySet<string>;
}

/** @param address the address of a link in the site; nothing where it leads out of the site */
export async function rendered(
  markdown: string,
  address: (url: string) => string | undefined,
): Promise<Rendered> {
  // The parser reads nothing else of its options.
  const options = { originalText: markdown } as Parameters<typeof parsers.markdown.parse>[1];
  const root = (await parsers.markdown.parse(markdown, options)) as Node;
  const page = new Page(address);
  const html = page.blocks(root);
  return { html, title: page.title, sections: page.sections, ids: page.ids };
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

class Page {
  title = '';
  readonly sections: { id: string; text: string }[] = [];
  readonly ids = new Set<string>();
  constructor(readonly address: (url: string) => string | undefined) {}

  blocks({ children = [] }: Node): string {
    return children.map((child) => this.#block(child)).join('\n');
  }

  #block(node: Node): string {
    const { type, value = '' } = node;
    if (type === 'heading') return this.#heading(node);
    if (type === 'paragraph') return `<p>${this.#line(node)}</p>`;
    if (type === 'code') return `<pre tabindex="0"><code>${escaped(value)}</code></pre>`;
    if (type === 'blockquote') return `<blockquote>${this.blocks(node)}</blockquote>`;
    if (type === 'list') return this.#list(node);
    if (type === 'table') return this.#table(node);
    if (type === 'thematicBreak') return '<hr>';
    if (type === 'html') return value.startsWith('<!--') ? '' : `<p>${escaped(value)}</p>`;
    throw new Error(`The site cannot show ${type} of Markdown.`);
  }

  #heading(node: Node): string {
    const { depth = 1 } = node;
    const text = wordsOf(node);
    const id = this.#idOf(text);
    if (depth === 1 && this.title === '') this.title = text;
    if (depth === 2) this.sections.push({ id, text });
    const anchor = `<a class="anchor" href="#${id}" aria-label="Link to ${escaped(text)}">#</a>`;
    return `<h${depth} id="${id}">${this.#line(node)}${depth > 1 ? anchor : ''}</h${depth}>`;
  }

  /** As GitHub names them, so that the same links hold there. */
  #idOf(text: string): string {
    const plain = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let id = plain;
    for (let count = 1; this.ids.has(id); count += 1) id = `${plain}-${count}`;
    this.ids.add(id);
    return id;
  }

  #list({ ordered = false, start, children = [] }: Node): string {
    const items = children.map((item) => {
      const [first, ...rest] = item.children ?? [];
      const isShort = first?.type === 'paragraph';
      const begin = isShort
        ? this.#line(first)
        : this.blocks({ type: 'root', children: first ? [first] : [] });
      return `<li>${begin}${this.blocks({ type: 'root', children: rest })}</li>`;
    });
    const from = ordered && typeof start === 'number' && start !== 1 ? ` start="${start}"` : '';
    return `<${ordered ? 'ol' : 'ul'}${from}>${items.join('')}</${ordered ? 'ol' : 'ul'}>`;
  }

  #table({ children: [head, ...rows] = [] }: Node): string {
    const row = ({ children = [] }: Node, open: string, close: string) =>
      `<tr>${children.map((cell) => open + this.#line(cell) + close).join('')}</tr>`;
    const first = head === undefined ? '' : row(head, '<th scope="col">', '</th>');
    const body = rows.map((each) => row(each, '<td>', '</td>')).join('');
    return `<div class="table" tabindex="0"><table><thead>${first}</thead><tbody>${body}</tbody></table></div>`;
  }

  #line({ children = [] }: Node): string {
    return children.map((child) => this.#inline(child)).join('');
  }

  #inline(node: Node): string {
    const { type, value = '', url = '', alt } = node;
    if (type === 'text' || type === 'html') return value.startsWith('<!--') ? '' : escaped(value);
    if (type === 'inlineCode') return `<code>${escaped(value)}</code>`;
    if (type === 'strong') return `<strong>${this.#line(node)}</strong>`;
    if (type === 'emphasis') return `<em>${this.#line(node)}</em>`;
    if (type === 'break') return '<br>';
    const target = this.address(url);
    if (type === 'link') {
      if (target === undefined) return this.#line(node);
      return `<a href="${escaped(target)}">${this.#line(node)}</a>`;
    }
    if (type === 'image')
      return `<img src="${escaped(target ?? url)}" alt="${escaped(alt ?? '')}">`;
    throw new Error(`The site cannot show ${type} of Markdown.`);
  }
}

function wordsOf({ value, children = [] }: Node): string {
  return value ?? children.map(wordsOf).join('');
}
