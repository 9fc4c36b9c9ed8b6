/** Finds the parts of a JSON text without reading them, so that each can be taken as it is written. */

export interface Part {
  /** The name of a member, empty for an entry of a list. */
  readonly name: string;
  /** Where the value begins in the text, and where it has ended. */
  readonly from: number;
  readonly to: number;
}

/**
 * The members of the object that begins there, each name's last one.
 * @throws SyntaxError where the text is no JSON that could be cut
 */
export function membersAt(text: string, from: number): ReadonlyMap<string, Part> {
  return new Map([...partsAt(text, from, '{')].map((part) => [part.name, part]));
}

/**
 * The entries of the list that begins there.
 * @throws SyntaxError where the text is no JSON that could be cut
 */
export function entriesAt(text: string, from: number): Generator<Part> {
  return partsAt(text, from, '[');
}

/** Where the value has ended that begins behind the white space there. */
export function endOfValue(text: string, from: number): number {
  return skipValue(text, skipSpace(text, from));
}

function* partsAt(text: string, from: number, open: '{' | '['): Generator<Part> {
  const close = open === '{' ? '}' : ']';
  let at = skipSpace(text, expectAt(text, skipSpace(text, from), open));
  if (text[at] === close) return;
  for (;;) {
    let name = '';
    if (open === '{') {
      const end = skipString(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skipSpace(text, expectAt(text, skipSpace(text, end), ':'));
    }
    const to = skipValue(text, at);
    yield { name, from: at, to };
    at = skipSpace(text, to);
    if (text[at] === close) return;
    at = skipSpace(text, expectAt(text, at, ','));
  }
}

function skipValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return skipString(text, from);
  return first === '{' || first === '[' ? skipNested(text, from) : skipWord(text, from);
}

function skipWord(text: string, from: number): number {
  const word = /[^\s,\]}"[{:]+/y;
  word.lastIndex = from;
  if (!word.test(text)) throw new SyntaxError('no value');
  return word.lastIndex;
}

/** Brackets are counted, whichever they are: the text is read properly when a part of it is. */
function skipNested(text: string, from: number): number {
  const mark = /["[\]{}]/g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const [character] = found;
    if (character === '"') {
      mark.lastIndex = skipString(text, found.index);
      continue;
    }
    depth += character === '{' || character === '[' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw new SyntaxError('a bracket is not closed');
}

function skipString(text: string, from: number): number {
  expectAt(text, from, '"');
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  throw new SyntaxError('a string is not closed');
}

function expectAt(text: string, at: number, character: string): number {
  if (text[at] !== character) throw new SyntaxError(`no ${character}`);
  return at + 1;
}

function skipSpace(text: string, from: number): number {
  const space = /\s*/y;
  space.lastIndex = from;
  space.test(text);
  return space.lastIndex;
}
