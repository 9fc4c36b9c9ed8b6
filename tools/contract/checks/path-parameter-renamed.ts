// Generated clients take the parameters of a path by name.
import { type Change, breaking } from '../change.js';
import { escaped, objectOf } from '../json.js';
import { type Pair, isSamePath } from '../pairs.js';

export function pathParameterRenamed({ kind, base, revision }: Pair): readonly Change[] {
  if (kind !== 'document') return [];
  const after = Object.keys(objectOf(revision.paths));
  return Object.keys(objectOf(base.paths)).flatMap((path) => {
    const heir = after.find((other) => isSamePath(other, path));
    if (heir === undefined || after.includes(path)) return [];
    return breaking(
      `#/paths/${escaped(heir)}/key`,
      `The path ${path} is ${heir}: its parameters have other names.`,
      'sender',
      'Keep the names; say in the description what they mean now.',
    );
  });
}
