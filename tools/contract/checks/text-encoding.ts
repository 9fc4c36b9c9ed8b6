// How a text is to be read: as base64, as JSON, as lines of it.
import { type Change, breaking } from '../change.js';
import { isSame, wordOf } from '../json.js';
import type { Pair } from '../pairs.js';

const keywords = ['contentMediaType', 'contentEncoding'] as const;

export function textEncoding({ kind, where, direction, base, revision }: Pair): readonly Change[] {
  if (kind !== 'schema') return [];
  return keywords
    .filter((keyword) => !isSame(base[keyword], revision[keyword]))
    .flatMap((keyword) =>
      breaking(
        `${where}/${keyword}`,
        `${keyword} went from ${wordOf(base[keyword])} to ${wordOf(revision[keyword])}.`,
        direction === 'response' ? 'reader' : 'sender',
        'Add a media type or a field of the new form beside it.',
      ),
    );
}
