// The sections under Errors are the `type` of every refusal, which programs tell apart.
import { type Change, breaking } from '../change.js';
import { objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function problemType({ kind, base, revision }: Pair): readonly Change[] {
  if (kind !== 'document') return [];
  const after = sections(objectOf(revision.info).description);
  return sections(objectOf(base.info).description)
    .filter((name) => !after.includes(name))
    .flatMap((name) =>
      breaking(
        '#/info/description',
        `The refusal ${name} is no longer in the catalogue.`,
        'reader',
        'Keep the section and its name; say in it that the refusal no longer occurs.',
      ),
    );
}

function sections(description: unknown): readonly string[] {
  const [, errors = ''] = String(description).split(/^# Errors$/m);
  return [...errors.matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name ?? '');
}
