// The changes for a person at a terminal, for a pull request, or for a program.
import type { Change } from './change.js';
import { unescaped } from './json.js';

export function asJson(changes: readonly Change[]): string {
  const rows = changes.map(({ change, where, verdict, breaks, instead }) => ({
    change,
    where,
    verdict,
    breaks,
    instead,
  }));
  return JSON.stringify(rows, null, 2);
}

export function asTable(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing has changed.';
  const rows = [[...heads], ...changes.map(cells)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function asMarkdown(changes: readonly Change[], faults: readonly string[]): string {
  const verdict = faults.length === 0 ? 'may be published' : 'may not be published';
  const lines = [
    '## Contract',
    '',
    `${changes.length} changes; this version ${verdict}.`,
    '',
    ...faults.map((fault) => `- **${fault}**`),
    ...(faults.length > 0 ? [''] : []),
  ];
  if (changes.length === 0) return lines.join('\n');
  const rows = [heads, heads.map(() => '---'), ...changes.map(cells)];
  return [...lines, ...rows.map((row) => `| ${row.map(inCell).join(' | ')} |`)].join('\n');
}

const heads = ['verdict', 'who breaks', 'where', 'change', 'instead'];

function cells({ verdict, breaks, where, change, instead }: Change): readonly string[] {
  return [verdict, breaks, placeOf(where), change, instead];
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** `#/paths/~1patients/get/responses/200/…/items/properties/dob` as `GET /patients 200 … [].dob`. */
export function placeOf(where: string): string {
  const [, first = '', path = '', method = '', ...rest] = where.split('/').map(unescaped);
  if (first !== 'paths' || method === '') return where.replace('#/', '');
  const inside = rest
    .join(' ')
    .replace(/^parameters (\w+) /, '$1 ')
    .replaceAll(/(?:^responses | content(?= )| schema\b)/g, '')
    .replaceAll(/ items\b/g, ' []')
    .replaceAll(/ properties /g, '.');
  return `${method.toUpperCase()} ${path} ${inside}`.trim();
}
