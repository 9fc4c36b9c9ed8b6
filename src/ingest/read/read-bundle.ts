/** A JSON document with one resource, or a Bundle of many, as the lines that a bulk extract would have. */
import type { Line, ReadRule } from './lines.js';

/** What becomes of an entry without a resource, such as a deletion in a transaction: it is counted as this type. */
const noResource = '{"resourceType":"BundleEntry"}';
const manifest = '{"resourceType":"BulkExportManifest"}';

/**
 * Each resource of a Bundle, its references to others of the Bundle written as `Type/id`; another document as it is.
 * A resource without an id has the UUID of its `fullUrl`.
 * @param number the line of the file on which the text begins
 * @see FHIR R4 bundle.html, Resolving references in Bundles
 */
export function* resourceLines(text: string, number: number): Generator<Line> {
  const members = documentMembers(text);
  if (members === undefined) {
    yield unreadable(number, 'json', 'must be JSON');
    return;
  }
  const type = typeOf(text, members);
  const isManifest = ['transactionTime', 'output'].every((name) => members.has(name));
  if (isContainer(type)) yield* containedLines(text, members, { number, ...outermost });
  else if (isManifest && !members.has('resourceType')) {
    yield { kind: 'text', number, text: manifest };
  } else yield* ownLines({ kind: 'text', number, text }, type);
}

/** Whether the line may hold several resources: a quick look that is wrong on the safe side only. */
export function mayHoldSeveral(text: string): boolean {
  if (text.includes('"Bundle"') || text.includes('"Parameters"')) return true;
  return text.includes('"contained"') && text.includes('"DiagnosticReport"');
}

/** Where a Bundle or Parameters stands. */
interface Place {
  readonly number: number;
  readonly pointer: string;
  readonly depth: number;
  /** What a reference means that only an outer Bundle can resolve. */
  readonly target: (reference: string) => string | undefined;
}

const outermost = { pointer: '', depth: 1, target: () => undefined };
const maxDepth = 32;

function isContainer(type: string | undefined): boolean {
  return type === 'Bundle' || type === 'Parameters';
}

/** The lines of a Bundle or Parameters, and of those in it. */
function* containedLines(text: string, members: Members, place: Place): Generator<Line> {
  const { number, depth } = place;
  if (members.has('implicitRules')) {
    const reason = 'must not change the meaning of what it contains by implicitRules';
    yield unreadable(number, 'modifier', reason);
  } else if (depth > maxDepth) {
    yield unreadable(number, 'size', `must be at most ${maxDepth} Bundles or Parameters deep`);
  } else {
    try {
      if (typeOf(text, members) === 'Bundle') yield* entryLines(text, members.get('entry'), place);
      else yield* parametersLines(text, members, place);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      yield unreadable(number, 'json', 'must be a Bundle or Parameters as JSON');
    }
  }
}

/** Parameters without a resource stay as they are. */
function* parametersLines(text: string, members: Members, place: Place): Generator<Line> {
  const resources = parameterResources(text, members.get('parameter'), '/parameter');
  let hasResource = false;
  for (const { part, pointer } of resources) {
    hasResource = true;
    const own = { ...place, pointer: `${place.pointer}${pointer}` };
    const inside = membersAt(text, part.from);
    const resource = text.slice(part.from, part.to);
    yield* innerLines(resource, typeOf(text, inside), own);
  }
  if (!hasResource) yield { kind: 'text', number: place.number, text };
}

function* parameterResources(
  text: string,
  list: Part | undefined,
  pointer: string,
  depth = 1,
): Generator<{ readonly part: Part; readonly pointer: string }> {
  if (list === undefined || depth > maxDepth) return;
  let index = -1;
  for (const parameter of entriesAt(text, list.from)) {
    index += 1;
    const members = membersAt(text, parameter.from);
    const at = `${pointer}/${index}`;
    const part = members.get('resource');
    if (part !== undefined && text[part.from] === '{') yield { part, pointer: `${at}/resource` };
    yield* parameterResources(text, members.get('part'), `${at}/part`, depth + 1);
  }
}

/** A resource that stands in a Bundle or Parameters. */
function* innerLines(text: string, type: string | undefined, place: Place): Generator<Line> {
  const { number, pointer, depth, target } = place;
  if (isContainer(type)) {
    yield* containedLines(text, membersAt(text, 0), { ...place, depth: depth + 1 });
  } else {
    yield* ownLines({ kind: 'text', number, text: resolved(text, target), pointer }, type);
  }
}

/** The line, and for each result that its report contains one that says that it is not read. */
function* ownLines(line: TextLine, type: string | undefined): Generator<Line> {
  yield line;
  const { text, number } = line;
  if (type !== 'DiagnosticReport' || !text.includes('"contained"')) return;
  const members = membersAt(text, 0);
  const [contained, result] = [members.get('contained'), members.get('result')];
  if (contained === undefined || result === undefined) return;
  const results = text.slice(result.from, result.to);
  for (const { from } of entriesAt(text, contained.from)) {
    const id = stringOf(text, membersAt(text, from).get('id'));
    if (id === undefined || !results.includes(JSON.stringify(`#${id}`))) continue;
    yield unreadable(number, 'structure', 'must have its results as resources of their own');
  }
}

type TextLine = Extract<Line, { readonly kind: 'text' }>;
type Members = ReadonlyMap<string, Part>;

interface Entry {
  readonly resource: Part | undefined;
  readonly fullUrl: string | undefined;
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly isModified: boolean;
}

function* entryLines(text: string, list: Part | undefined, place: Place): Generator<Line> {
  const { number, pointer } = place;
  if (list === undefined) return;
  const targets = targetsOf(text, list);
  const target = (reference: string) => targets.get(reference) ?? place.target(reference);
  const lineAt = createLineCount(text, number);
  let index = -1;
  for (const part of entriesAt(text, list.from)) {
    index += 1;
    const entry = entryOf(text, part);
    const { resource, isModified } = entry;
    const line = resource === undefined ? number : lineAt(resource.from);
    if (isModified) yield unreadable(line, 'modifier', 'must not change the meaning by extension');
    else if (resource === undefined) yield { kind: 'text', number: line, text: noResource };
    else {
      const own = withId(text.slice(resource.from, resource.to), entry);
      const at = `${pointer}/entry/${index}/resource`;
      yield* innerLines(own, entry.type, { ...place, number: line, pointer: at, target });
    }
  }
}

/** The entries are walked twice, and never all kept. */
function targetsOf(text: string, list: Part): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const part of entriesAt(text, list.from)) {
    if (!membersAt(text, part.from).has('fullUrl')) continue;
    const { fullUrl, type, id } = entryOf(text, part);
    if (fullUrl !== undefined && type !== undefined && id !== undefined) {
      targets.set(fullUrl, `${type}/${id}`);
    }
  }
  return targets;
}

function entryOf(text: string, part: Part): Entry {
  const members = membersAt(text, part.from);
  const resource = members.get('resource');
  const isObject = resource !== undefined && text[resource.from] === '{';
  const inside = isObject ? membersAt(text, resource.from) : new Map<string, Part>();
  const fullUrl = stringOf(text, members.get('fullUrl'));
  const ownId = stringOf(text, inside.get('id'));
  return {
    resource,
    fullUrl,
    type: typeOf(text, inside),
    id: ownId ?? (inside.has('id') ? undefined : uuidOf(fullUrl)),
    isModified: members.has('modifierExtension'),
  };
}

function uuidOf(fullUrl: string | undefined): string | undefined {
  return fullUrl === undefined ? undefined : /^urn:uuid:(\S+)$/.exec(fullUrl)?.[1];
}

/** The resource with the id that its entry gives it, where it has none of its own. */
function withId(resource: string, { id }: Entry): string {
  if (id === undefined || membersAt(resource, 0).has('id')) return resource;
  return `{"id":${JSON.stringify(id)},${resource.slice(1)}`;
}

/** Longer ones are no names of entries. */
const reference = /"reference"\s*:\s*"([^"\\]{1,4096})"/g;

/** A quote inside a string is escaped, so what looks like a reference here is a member of that name. */
function resolved(resource: string, target: Place['target']): string {
  return resource.replace(reference, (member, written: string) => {
    const meant = target(written);
    return meant === undefined ? member : `"reference":${JSON.stringify(meant)}`;
  });
}

function documentMembers(text: string): ReadonlyMap<string, Part> | undefined {
  try {
    const end = endOfValue(text, 0);
    return text.slice(end).trim() === '' ? membersAt(text, 0) : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Only of characters that need no escape: another type is reported when the whole resource is read. */
function typeOf(text: string, members: Members): string | undefined {
  const part = members.get('resourceType');
  return (
    part && /^"([A-Za-z]+)"$/.exec(text.slice(part.from, Math.min(part.to, part.from + 128)))?.[1]
  );
}

function stringOf(text: string, part: Part | undefined): string | undefined {
  if (part === undefined || text[part.from] !== '"') return undefined;
  return JSON.parse(text.slice(part.from, part.to)) as string;
}

/** Which line of the file a place in the text is on; places must be passed in ascending order. */
function createLineCount(text: string, first: number): (at: number) => number {
  let line = first;
  let next = nextLineFeed(text, 0);
  return (at) => {
    for (; next < at; next = nextLineFeed(text, next + 1)) line += 1;
    return line;
  };
}

function nextLineFeed(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

function unreadable(number: number, rule: ReadRule, reason: string): Line {
  return { kind: 'unreadable', number, rule, reason };
}

interface Part {
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
function membersAt(text: string, from: number): ReadonlyMap<string, Part> {
  return new Map([...partsAt(text, from, '{')].map((part) => [part.name, part]));
}

/**
 * The entries of the list that begins there.
 * @throws SyntaxError where the text is no JSON that could be cut
 */
function entriesAt(text: string, from: number): Generator<Part> {
  return partsAt(text, from, '[');
}

/** Where the value has ended that begins behind the white space there. */
function endOfValue(text: string, from: number): number {
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
