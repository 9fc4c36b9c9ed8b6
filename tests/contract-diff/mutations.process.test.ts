// Every mutation of the contract gets the verdict that its readers and senders would give it.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compare } from '../../tools/contract/compare.js';
import { type Json, objectOf } from '../../tools/contract/json.js';
import { normalised } from '../../tools/contract/normalise.js';
import { ownChanges } from '../../tools/contract/own-changes.js';
import { redoclyChanges } from '../../tools/contract/redocly-changes.js';
import { applied } from './edits.js';
import { type Mutation, mutations } from './mutations.js';

const bundle = objectOf(
  JSON.parse(
    readFileSync(new URL('../../generated/openapi.json', import.meta.url), 'utf8'),
  ) as Json,
);
/** What `redocly diff` lets pass, by trial; the table does not decide it. */
const kinds = [
  'discriminator',
  'narrowed codes',
  'no sunset',
  'optional header',
  'parameter default',
  'read or write only',
  'required body',
  'security dropped',
];
const today = '2026-01-05';

function versionsOf({ prepare = [], edits }: Mutation) {
  const base = applied(bundle, prepare);
  return { base, revision: applied(base, edits) };
}

/** The worst of all changes; `wording` where there is none. Nothing is worse than what an own check calls breaking. */
async function verdictOf(mutation: Mutation): Promise<string> {
  const { base, revision } = versionsOf(mutation);
  const documents = { base: normalised(base), revision: normalised(revision) };
  if (ownChanges(documents, today).some(({ verdict }) => verdict === 'breaking')) return 'breaking';
  const [worst] = await compare({ base, revision, today });
  return worst?.verdict ?? 'wording';
}

describe.concurrent('a change of the contract', { timeout: 60_000 }, () => {
  it.each(mutations)('$verdict: $name', async (mutation) => {
    expect(await verdictOf(mutation)).toBe(mutation.verdict);
  });
});

describe('the table', () => {
  const missed = mutations.flatMap(({ missed: kind }) => kind ?? []);

  it('holds 80 mutations, ten of them harmless, and six of new kinds that each break a client', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(80);
    expect(mutations.filter(({ verdict }) => verdict !== 'breaking').length).toBeGreaterThan(10);
    expect(mutations.filter(({ client }) => client !== undefined).length).toBeGreaterThan(6);
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
  });

  it('holds two of each kind that redocly diff lets pass', () => {
    expect([...new Set(missed)].sort()).toEqual(kinds);
    for (const kind of kinds) {
      expect(missed.filter((other) => other === kind).length, kind).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('redocly diff alone', { timeout: 60_000 }, () => {
  const [first] = mutations.filter(({ missed }) => missed !== undefined);

  it('lets such a change pass', async () => {
    if (first === undefined) throw new Error('The table names none.');
    const { base, revision } = versionsOf(first);
    const documents = { base: normalised(base), revision: normalised(revision) };
    const verdicts = (await redoclyChanges(documents)).map(({ verdict }) => verdict);
    expect(verdicts).not.toContain('breaking');
  });
});
