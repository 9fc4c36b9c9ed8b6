/** A feed page after page: long polls where the service does, asks again where it cannot answer, and misses nothing. */
import { type Ask, type ListAnswer, askUntilAnswered } from './asking.js';
import type { Following } from './follow-options.js';
import { assertSameHistory } from './head.js';
import { createPace, createPatience } from './patience.js';
import type { Page } from './types.js';

export async function* followPages<Item>(
  following: Following,
  ask: Ask<ListAnswer & { readonly items: readonly Item[] }>,
): AsyncGenerator<Page<Item>, never> {
  const pace = createPace(following);
  const patience = createPatience(following);
  let { cursor, epoch } = following;
  for (;;) {
    const place = { ...following, cursor, epoch, limit: following.limit ?? 1000 };
    const waitSeconds = pace.begin();
    patience.restore();
    const answered = await askUntilAnswered({ following: place, ask, waitSeconds, patience });
    answered.deadline.end();
    const { head, answer } = answered;
    assertSameHistory(place, head);
    ({ cursor, epoch } = head);
    const { held: _, ...rest } = head;
    yield { ...rest, records: answer.items };
    await pace.end(head, answer.items.length === 0);
  }
}
