/** One page of a feed or of a filtered query, its body joined by the database. */
import { StoredText } from '../contract/operations.js';
import { type Database, partitionOf } from '../db/database.js';
import type { NamedStatement } from '../db/statement.js';
import { numberIn } from '../db/undecoded-rows.js';

export interface PageRequest {
  readonly collection: string;
  /** The page holds records behind this position: microseconds since 1970. */
  readonly after: number;
  /** The history that the reader knows, where it knows one: microseconds since 1970. */
  readonly epoch?: number | undefined;
  readonly limit: number;
  /** `array` joins the records as a JSON array, `lines` as one record a line. */
  readonly form: 'array' | 'lines';
  readonly filter: Filter;
}

/** Filters narrow a list; a list without any is the feed itself. */
export interface Filter {
  readonly is_active?: boolean;
  readonly patient_id?: string;
}

export interface Page {
  readonly body: StoredText;
  readonly records: number;
  /** Positions of the records of a filtered query, in their order; of a feed, `after` and `end` say enough. */
  readonly positions?: readonly number[];
  /** Position of the page's last record; `after` when the page is empty. */
  readonly end: number;
  /** Whether the list goes on behind this page. */
  readonly more: boolean;
  /** The feed's newest position, read in the same statement. */
  readonly last: number;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
}

export async function readPage(database: Database, request: PageRequest): Promise<Page> {
  const [row] = await database.read(pageStatement(request));
  if (row === undefined) throw new Error(`the store has no feed of ${request.collection}`);
  const [body, records, end, more, last, epoch, positions] = row;
  return {
    body: new StoredText(forms[request.form].enclose(body ?? '')),
    records: Number(records),
    ...(positions !== undefined && { positions: (positions?.split(',') ?? []).map(Number) }),
    end: numberIn(end) ?? request.after,
    more: more === 't',
    last: Number(last),
    epoch: Number(epoch),
  };
}

// The brackets are put round it here: in SQL each would copy the whole page once more.
const forms = {
  array: { between: `','`, enclose: (records: string) => `[${records}]` },
  lines: {
    between: `e'\\n'`,
    enclose: (records: string) => (records === '' ? '' : `${records}\n`),
  },
};

/**
 * Each kind of page has its own text and so its own plan: a plan for any of them would read the whole feed.
 * Exported for the tests of its plan.
 */
export function pageStatement({
  collection,
  after,
  limit,
  form,
  filter,
}: PageRequest): NamedStatement {
  const { is_active: isActive, patient_id: patientId } = filter;
  const state = isActive === undefined ? undefined : isActive ? 'active' : 'inactive';
  const conditions = [
    // Not as a value: the index of what is inactive would not fit.
    ...(state === undefined ? [] : [state === 'active' ? 'and is_active' : 'and not is_active']),
    ...(patientId === undefined ? [] : ['and patient_id = $4']),
  ];
  const join = `string_agg(body, ${forms[form].between}) as body`;
  const records = `${partitionOf(collection)} where collection = $1 and position > $2::bigint ${conditions.join(' ')}`;
  const isFeed = conditions.length === 0;
  const page = isFeed ? feedPage(join, records) : filteredPage(join, records);
  const positions = isFeed ? '' : ', page.positions';
  return {
    name: `page ${[collection, form, state, patientId && 'patient'].join(' ')}`,
    text: `
      select page.body, page.records, page."end", page.more, feed.last, feed.epoch${positions}
      from feed, lateral (${page}) as page
      where feed.collection = $1`,
    values: [collection, after, limit, ...(patientId === undefined ? [] : [patientId])],
  };
}

/** A feed goes on while its newest position lies behind the page. */
function feedPage(join: string, records: string): string {
  return `
    select ${join}, count(*) as records, max(position) as "end",
      coalesce(max(position), $2) < feed.last as more
    from (select body, position from ${records} order by position limit $3::integer) as found`;
}

/** A filtered query reads one record more than its limit, to know whether there are more. */
function filteredPage(join: string, records: string): string {
  return `
    select ${join}, count(*) as records, string_agg(position::text, ',') as positions,
      max(position) as "end", coalesce(bool_or(reach > $3::integer), false) as more
    from (
      select body, position, row_number() over () as place, count(*) over () as reach
      from (select body, position from ${records} order by position limit $3 + 1) as found
    ) as counted
    where place <= $3`;
}
