/** A feed as the bytes of its records, part after part while they arrive: an answer is as long as the feed has got. */
import { type Ask, type ListAnswer, askUntilAnswered, failureOf } from './asking.js';
import type { Following } from './follow-options.js';
import { type Place, assertSameHistory } from './head.js';
import { partsOf } from './lines.js';
import { createPace, createPatience } from './patience.js';
import type { Part } from './types.js';

/** Where an answer breaks off, the feed goes on at the last record that came, which comes once more. */
export async function* followParts(
  following: Following,
  ask: Ask<ListAnswer>,
): AsyncGenerator<Part, never> {
  const { signal } = following;
  const pace = createPace(following);
  const patience = createPatience(following);
  let place: Place = following;
  for (;;) {
    const asking = { following: { ...following, ...place }, ask, patience };
    const answered = await askUntilAnswered({ ...asking, waitSeconds: pace.begin() });
    const { head, answer, deadline } = answered;
    assertSameHistory(place, head);
    const { epoch, position } = head;
    place = { ...place, epoch };
    let isEmpty = true;
    try {
      for await (const { lines, isLast } of partsOf(answer.response.body, deadline)) {
        const updatedThrough = updatedTsOf(lines.at(-1));
        const [cursor, more] = isLast ? [head.cursor, head.more] : [undefined, true];
        place = { epoch, cursor, updatedSince: updatedThrough ?? place.updatedSince };
        isEmpty &&= lines.length === 0;
        yield { records: lines, cursor, updatedThrough, more, epoch, position };
        patience.restore();
      }
    } catch (error) {
      await patience.wait(failureOf(error, signal));
      continue;
    }
    await pace.end(head, isEmpty);
  }
}

function updatedTsOf(line: Uint8Array | undefined): string | undefined {
  if (line === undefined) return undefined;
  const record = JSON.parse(new TextDecoder().decode(line)) as { readonly updated_ts?: string };
  return record.updated_ts;
}
