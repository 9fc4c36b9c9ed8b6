/** Bytes that are no right request: each kind breaks HTTP in its own way, by chance that a seed repeats. */
import { keys } from '../../support/service.js';
import { brokenHeader, chunk, framing, hugeHeader, requestLine } from './broken-parts.js';
import { type Chance, chanceFrom, crlf, path } from './chance.js';

/** What a client does once it has sent everything. */
type Ending = 'reads' | 'half-closes' | 'resets' | 'leaves';

export interface Malformed {
  readonly kind: Kind;
  /** Sent one after the other, as writes of their own. */
  readonly parts: readonly Buffer[];
  readonly ending: Ending;
  /** The last part is sent again and again until the server has enough. */
  readonly endless: boolean;
}

type Kind = keyof typeof kinds;

export function malformedRequest(seed: number): Malformed {
  const chance = chanceFrom(seed);
  const some = chance.random() < mostlyShort ? short : all;
  const kind = chance.oneOf(some);
  const text = kinds[kind](chance);
  const endless = kind === 'endless header' || kind === 'endless request line';
  const ending = endless ? 'reads' : endingOf(kind, chance);
  return { kind, parts: endless ? lines(text) : split(text, chance), ending, endless };
}

function endingOf(kind: Kind, { oneOf }: Chance): Ending {
  if (kind === 'half-closed') return 'half-closes';
  return oneOf(['reads', 'reads', 'reads', 'half-closes', 'resets', 'leaves']);
}

/** Texts are bytes: each character is one of them. */
const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function split(text: string, { random, below }: Chance): readonly Buffer[] {
  if (random() < 0.7) return [bytesOf(text)];
  const at = below(text.length);
  return [bytesOf(text.slice(0, at)), bytesOf(text.slice(at))];
}

function lines(text: string): readonly Buffer[] {
  const at = text.indexOf('\u0000endless');
  return [bytesOf(text.slice(0, at)), bytesOf(text.slice(at + 8))];
}

/** A key that is right, so that the request goes as deep as it can, from an address of its own. */
function right({ below }: Chance): string {
  return `host: x${crlf}x-api-key: ${keys.patients ?? ''}${crlf}x-forwarded-for: 192.0.2.${below(256)}${crlf}`;
}

/** What must never be answered by itself. */
const smuggled = (chance: Chance) =>
  `GET /patients?limit=1 HTTP/1.1${crlf}${right(chance)}x-request-id: smuggled${crlf}${crlf}`;

/** Those without end cost most. */
const mostlyShort = 0.8;

const kinds = {
  'request line': (chance: Chance) => `${requestLine(chance)}${crlf}${right(chance)}${crlf}`,
  'two lengths': (chance: Chance) =>
    `${chance.oneOf(['GET', 'POST', 'PUT'])} ${path} HTTP/1.1${crlf}${right(chance)}${framing(chance)}${crlf}${chance.oneOf(['0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'x'])}${smuggled(chance)}`,
  chunks: (chance: Chance) =>
    `POST ${path} HTTP/1.1${crlf}${right(chance)}transfer-encoding: chunked${crlf}${crlf}${chunk(chance)}${smuggled(chance)}`,
  'huge header': (chance: Chance) =>
    `GET ${path} HTTP/1.1${crlf}${right(chance)}${hugeHeader(chance)}${crlf}`,
  'endless header': (chance: Chance) =>
    `GET ${path} HTTP/1.1${crlf}${right(chance)}\u0000endless${chance.oneOf([`a: b${crlf}`, 'x'.repeat(400), `cookie: ${'c'.repeat(200)}${crlf}`])}`,
  'endless request line': ({ oneOf }: Chance) =>
    `GET /\u0000endless${oneOf(['a', '%41', '?x=', '/..'])}`,
  'invalid UTF-8': (chance: Chance) => invalidUtf8(chance),
  'half-closed': (chance: Chance) => {
    const whole = `GET ${path} HTTP/1.1${crlf}${right(chance)}${crlf}`;
    return whole.slice(0, 1 + chance.below(whole.length));
  },
  'broken header': (chance: Chance) =>
    `GET ${path} HTTP/1.1${crlf}${brokenHeader(chance)}${right(chance)}${crlf}`,
  mutated: (chance: Chance) => mutated(chance),
  noise: ({ below, bytes }: Chance) => bytes(1 + below(600)),
};

const all = Object.keys(kinds) as [Kind, ...Kind[]];
const short = all.filter((kind) => !kind.startsWith('endless')) as [Kind, ...Kind[]];

function invalidUtf8(chance: Chance): string {
  const { oneOf } = chance;
  const broken = oneOf([
    '\u00ff\u00fe',
    '\u00c0\u00af',
    '\u00ed\u00a0\u0080',
    '\u00f5\u0080\u0080\u0080',
    '%ff%fe',
    '%c0%af',
    '%E0%A4%A',
    '%',
    '%zz',
    '%00',
    '%ed%a0%80',
    '%0d%0aset-cookie:x',
  ]);
  const target = oneOf([
    `/patients/${broken}`,
    `/${broken}`,
    `/patients?cursor=${broken}`,
    `/patients?${broken}=1`,
    `/lab_results?patient_id=${broken}`,
    `/patients?updated_since=${broken}`,
  ]);
  const header = oneOf(['x-api-key', 'accept', 'prefer', 'cookie', 'user-agent', 'x-request-id']);
  return `GET ${target} HTTP/1.1${crlf}${right(chance)}${header}: ${broken}${crlf}${crlf}`;
}

/** A right request, or several in a row, with some bytes changed, lost, doubled or added. */
function mutated(chance: Chance): string {
  const { below, oneOf, bytes } = chance;
  const one = `GET ${oneOf([path, '/health/live', '/patients/ehr:Patient:1'])} HTTP/1.1${crlf}${right(chance)}${crlf}`;
  let text = one.repeat(1 + below(4));
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const at = below(text.length);
    const [before, after] = [text.slice(0, at), text.slice(at)];
    text = oneOf([
      `${before}${bytes(1)}${after.slice(1)}`,
      `${before}${after.slice(1 + below(8))}`,
      `${before}${after.slice(0, 1 + below(12))}${after}`,
      `${before}${bytes(1 + below(4))}${after}`,
    ]);
  }
  return text;
}
