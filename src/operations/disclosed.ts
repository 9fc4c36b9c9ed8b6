/** What the answers of a list disclose. */
import type { Disclosure, DisclosedStretch } from '../contract/disclosure.js';
import type { Slice, Stretch } from '../store/lines.js';
import type { Page, PageRequest } from '../store/page.js';

export function pageDisclosed(page: Page, request: PageRequest): Disclosure {
  const { epoch, positions, records, end, last } = page;
  const { collection, filter, after } = request;
  return positions === undefined
    ? { kind: 'page', collection, epoch, records, stretch: { after, through: end, seen: last } }
    : { kind: 'records', collection, epoch, positions, filter };
}

/** The lines of slices, and what those that were taken so far disclose. */
export function streamOf(
  slices: AsyncIterable<Slice>,
  { collection, epoch, after, through }: Stretch,
): { readonly body: AsyncIterable<Buffer>; readonly disclosed: Disclosure } {
  const stretches: DisclosedStretch[] = [];
  let records = 0;
  const disclosed: Disclosure = {
    ...{ kind: 'stream', collection, epoch, stretch: { after, through, seen: through } },
    given: () => ({ records, stretches }),
  };
  async function* body(): AsyncGenerator<Buffer> {
    for await (const { lines, ...slice } of slices) {
      records += slice.records;
      append(stretches, slice);
      yield lines;
    }
  }
  return { body: body(), disclosed };
}

/** Slices between which nothing changed are one stretch. */
function append(stretches: DisclosedStretch[], { after, through, seen }: DisclosedStretch): void {
  const before = stretches.at(-1);
  if (before?.seen === seen) stretches.splice(-1, 1, { after: before.after, through, seen });
  else stretches.push({ after, through, seen });
}
