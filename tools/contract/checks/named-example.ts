// Tests of readers ask the mock for examples by name.
import { type Change, breaking } from '../change.js';
import { objectOf } from '../json.js';
import type { Pair } from '../pairs.js';

export function namedExample({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'mediaType') return [];
  const after = objectOf(revision.examples);
  return Object.keys(objectOf(base.examples))
    .filter((name) => !(name in after))
    .flatMap((name) =>
      breaking(
        `${where}/examples/${name}`,
        `The example ${name} is gone; \`Prefer: example=${name}\` is refused by the mock.`,
        'reader',
        'Keep the name, and change what it shows.',
      ),
    );
}
