// A list of known codes that lost one: what counts by the code finds none from now on.
import { type Change, breaking } from '../change.js';
import { isSame, textsOf } from '../json.js';
import type { Pair } from '../pairs.js';

const keyword = 'x-extensible-enum';

export function extensibleEnum({ kind, where, base, revision }: Pair): readonly Change[] {
  if (kind !== 'schema' || isSame(base[keyword], revision[keyword])) return [];
  const after = textsOf(revision[keyword]);
  const gone = textsOf(base[keyword]).filter((code) => !after.includes(code));
  const place = `${where}/${keyword}`;
  if (gone.length > 0) {
    return breaking(
      place,
      `The list of codes no longer has ${gone.join(', ')}.`,
      'reader',
      'Keep the code in the list and say in its description that it is no longer used.',
    );
  }
  return [
    {
      change: 'The list of codes grew.',
      where: place,
      verdict: 'compatible',
      breaks: 'nobody',
      instead: '',
    },
  ];
}
