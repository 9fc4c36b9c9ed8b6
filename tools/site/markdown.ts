// Markdown as HTML, with what a page of the site needs beside it: anchors, a title, and links that hold in the site.
import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt();
type Token = ReturnType<typeof markdown.parse>[number];
type Rule = (tokens: readonly Token[], index: number) => string;

export const escaped = (text: string): string => markdown.utils.escapeHtml(text);

export interface Rendered {
  readonly html: string;
  readonly title: string;
  /** Headings of the second level. */
  readonly sections: readonly { readonly id: string; readonly text: string }[];
  readonly ids: ReadonlySet<string>;
}

/** @param address the address of a link in the site; nothing where it leads out of the site */
export function rendered(text: string, address: (url: string) => string | undefined): Rendered {
  // Comments say how a page is made. Any other HTML is shown as text.
  const tokens = markdown.parse(text.replaceAll(/^<!--.*?-->\n/gm, ''), {});
  const ids = new Set<string>();
  const headings = tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open') return [];
    const words = wordsOf(tokens[index + 1]);
    const id = anchorOf(words, ids);
    token.attrSet('id', id);
    return [{ id, text: words, level: token.tag }];
  });
  for (const { children } of tokens) setAddresses(children ?? [], address);
  return {
    html: markdown.renderer.render(tokens, markdown.options, {}),
    title: headings.find(({ level }) => level === 'h1')?.text ?? '',
    sections: headings.filter(({ level }) => level === 'h2'),
    ids,
  };
}

function wordsOf(inline: Token | undefined): string {
  return (inline?.children ?? []).map(({ content }) => content).join('');
}

/** As GitHub names them, so that the same links hold there. */
function anchorOf(words: string, taken: Set<string>): string {
  const plain = words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
  let id = plain;
  for (let count = 1; taken.has(id); count += 1) id = `${plain}-${count}`;
  taken.add(id);
  return id;
}

/** Of a link that leads out of the site the words stay. */
function setAddresses(tokens: readonly Token[], address: (url: string) => string | undefined) {
  let isDropped = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const target = address(attributeOf(token, 'href'));
      isDropped = target === undefined;
      token.attrSet('href', target ?? '');
    }
    if (token.type.startsWith('link_')) token.hidden = isDropped;
    if (token.type === 'image') {
      const source = attributeOf(token, 'src');
      token.attrSet('src', address(source) ?? source);
    }
  }
}

function attributeOf(token: Token | undefined, name: string): string {
  return String(token?.attrGet(name) ?? '');
}

// What scrolls to the side can be reached by the keyboard.
const code: Rule = (tokens, index) =>
  `<pre tabindex="0"><code>${escaped(tokens[index]?.content.trimEnd() ?? '')}</code></pre>\n`;

const headingEnd: Rule = (tokens, index) => {
  const tag = tokens[index]?.tag ?? '';
  if (tag === 'h1') return '</h1>\n';
  const id = attributeOf(tokens[index - 2], 'id');
  const words = escaped(wordsOf(tokens[index - 1]));
  return `<a class="anchor" href="#${id}" aria-label="Link to ${words}">#</a></${tag}>\n`;
};

Object.assign(markdown.renderer.rules, {
  fence: code,
  code_block: code,
  table_open: () => '<div class="table" tabindex="0"><table>\n',
  table_close: () => '</table></div>\n',
  th_open: () => '<th scope="col">',
  td_open: () => '<td>',
  heading_close: headingEnd,
} satisfies Record<string, Rule | (() => string)>);
