// What `redocly diff` says, as judged changes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redoclyInTurn } from '../redocly.js';
import type { Broken, Change, Verdict } from './change.js';
import type { Documents } from './pairs.js';

interface Reported {
  readonly path: string;
  readonly typeName: string;
  readonly kind: 'added' | 'removed' | 'modified';
  readonly impact: 'major' | 'minor' | 'patch';
  readonly property?: string;
  readonly verdicts: readonly { readonly ruleId: string; readonly message: string }[];
}

export async function redoclyChanges({ base, revision }: Documents): Promise<readonly Change[]> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-diff-'));
  try {
    const file = (name: string) => join(folder, `${name}.json`);
    await writeFile(file('base'), JSON.stringify(base));
    await writeFile(file('revision'), JSON.stringify(revision));
    const output = ['--format=json', '--fail-on=none', `--output=${file('report')}`];
    const status = await redoclyInTurn(['diff', file('base'), file('revision'), ...output]);
    if (status !== 0) throw new Error(`redocly diff ended with ${status}`);
    // Its own form, as `--format=json` writes it.
    const report = JSON.parse(await readFile(file('report'), 'utf8')) as {
      readonly changes: readonly Reported[];
    };
    return report.changes.filter(isOnWire).map(judged);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A component that nothing refers to any more, or not yet, is in no answer; where it is used, it is reported there. */
function isOnWire({ path }: Reported): boolean {
  return !/^#\/components\/(?!securitySchemes)/.test(path);
}

/** Keywords that people read and programs do not. */
const words = new Set([
  'description',
  'summary',
  'title',
  'example',
  'examples',
  'externalDocs',
  'termsOfService',
]);
const wordTypes = new Set(['Example', 'Tag', 'Info', 'Contact', 'License', 'ExternalDocs']);

function judged(reported: Reported): Change {
  const { path, property, verdicts } = reported;
  const verdict = verdictOf(reported);
  const [first] = verdicts;
  return {
    change: first?.message ?? plainWords(reported),
    where: property === undefined ? path : `${path}/${property}`,
    verdict,
    breaks: verdict === 'breaking' ? brokenBy(path) : 'nobody',
    instead: first === undefined ? '' : (advice[first.ruleId] ?? advice.other ?? ''),
  };
}

function verdictOf({ impact, kind, typeName, property }: Reported): Verdict {
  if (impact === 'major') return 'breaking';
  if (wordTypes.has(typeName)) return 'wording';
  return kind === 'modified' && property !== undefined && words.has(property)
    ? 'wording'
    : 'compatible';
}

function plainWords({ kind, typeName, property }: Reported): string {
  return property === undefined ? `${typeName} ${kind}` : `${property} of ${typeName} changed`;
}

function brokenBy(path: string): Broken {
  return path.includes('/responses/') ? 'reader' : 'sender';
}

const advice: Readonly<Record<string, string>> = {
  'operation-removed': 'Deprecate it with x-sunset, and remove it in the next major version.',
  'path-removed':
    'Deprecate its operations with x-sunset, and remove it in the next major version.',
  'operation-id-changed': 'Keep the name: generated clients call it.',
  'parameter-removed': 'Keep accepting it; an unknown parameter is a 400 here.',
  'parameter-became-required': 'Keep it optional and say what its absence means.',
  'property-removed': 'Deprecate the field with x-sunset, and keep it with null until then.',
  'required-properties-removed': 'Keep the field always there; null says that there is nothing.',
  'schema-type-changed': 'Add a field of the new type beside it.',
  'enum-values-added': 'Make it an x-extensible-enum in a new field, or take a major version.',
  'schema-constraint-changed': 'Add a field or parameter with the new bounds beside it.',
  'media-type-removed': 'Keep it, and deprecate the operation that gives it.',
  'response-removed': 'Keep answering with it.',
  'response-header-removed': 'Keep sending it.',
  'security-requirement-changed': 'Add an operation with the new requirement beside it.',
  'security-scheme-changed': 'Add a scheme beside it and accept both for a while.',
  'server-removed': 'Keep the old address answering.',
  other: 'Add the new form beside the old one, and deprecate the old one with x-sunset.',
};
