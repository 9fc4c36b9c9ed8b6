/** Which of a patient's names a registrar would call them by. */
import type { HumanName } from 'fhir/r4.js';
import { holdsOn } from './period.js';
import { best } from './rank.js';
import { joined, textOrNull } from './text.js';

// A temporary name is better than none (a newborn, an emergency); one that no longer holds, or hides the person, is not.
const rankOfUse: Readonly<Record<string, number | undefined>> = {
  official: 0,
  usual: 1,
  unstated: 2,
  nickname: 3,
  temp: 4,
  anonymous: undefined,
  old: undefined,
  maiden: undefined,
};
const endedLast = 10;

/** @see FHIR R4 datatypes.html, HumanName and value set name-use */
export function currentName(
  names: readonly HumanName[] | undefined,
  today: string,
): HumanName | undefined {
  return best(names, ({ use, period }) => {
    const rank = rankOfUse[use ?? 'unstated'];
    return rank === undefined || holdsOn(period, today) ? rank : rank + endedLast;
  });
}

/** The name as the source displays it, else given names, family name and suffix. */
export function displayName(name: HumanName | undefined): string | null {
  if (name === undefined) return null;
  return (
    textOrNull(name.text) ??
    joined([...(name.given ?? []), name.family, ...(name.suffix ?? [])], ' ')
  );
}
