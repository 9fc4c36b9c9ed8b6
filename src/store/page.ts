/** One page of a feed or of a look-up, its body joined by the database. */
import type { Database, Statement } from './database.js';

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

/** Look-ups narrow a list; a list without any is the feed itself. */
export interface Filter {
  readonly is_active?: boolean;
  readonly patient_id?: string;
}

export interface Page {
  readonly body: string;
  readonly count: number;
  /** Position of the page's last record; `after` when the page is empty. */
  readonly end: number;
  /** Whether the list goes on behind this page. */
  readonly more: boolean;
  /** The feed's newest position, read in the same statement. */
  readonly last: number;
  /** Microseconds since 1970 at which the feed's history began. */
  readonly epoch: number;
}

interface Row {
  readonly body: string;
  readonly count: string;
  readonly end: string | null;
  readonly more: boolean;
  readonly last: string;
  readonly epoch: string;
}

export async function readPage(database: Database, request: PageRequest): Promise<Page> {
  const [row] = await database.query<Row>(pageStatement(request));
  if (row === undefined) throw new Error(`the store has no feed of ${request.collection}`);
  return {
    body: row.body,
    count: Number(row.count),
    end: row.end === null ? request.after : Number(row.end),
    more: row.more,
    last: Number(row.last),
    epoch: Number(row.epoch),
  };
}

// Each condition has its own text and so its own plan: a plan for "any of these or none" would read the whole feed.
const conditions = {
  is_active: (place: number) => `and is_active = $${place}`,
  patient_id: (place: number) => `and patient_id = $${place}`,
};

const forms = {
  array: `'[' || coalesce(string_agg(body, ','), '') || ']'`,
  lines: `coalesce(string_agg(body || e'\\n', ''), '')`,
};

/** Exported for the tests of its plan. */
export function pageStatement(request: PageRequest): Statement {
  const { collection, after, limit, form, filter } = request;
  const used = (['is_active', 'patient_id'] as const).filter((key) => filter[key] !== undefined);
  const where = used.map((key, index) => conditions[key](index + 4)).join(' ');
  return {
    name: ['page', form, ...used].join('_'),
    text: `
      select page.body, page.count, page."end", page.more, feed.last, feed.epoch
      from feed, lateral (${used.length === 0 ? feedPage(form) : lookUpPage(form, where)}) as page
      where feed.collection = $1`,
    values: [collection, after, limit, ...used.map((key) => filter[key])],
  };
}

/** A feed goes on while its newest position lies behind the page. */
function feedPage(form: PageRequest['form']): string {
  return `
    select ${forms[form]} as body, count(*) as count, max(position) as "end",
      coalesce(max(position), $2::bigint) < feed.last as more
    from (
      select body, position from record
      where collection = $1 and position > $2 order by position limit $3
    ) as found`;
}

/** A look-up reads one record more than was asked for, to tell whether it goes on. */
function lookUpPage(form: PageRequest['form'], where: string): string {
  return `
    select ${forms[form]} as body, count(*) as count, max(position) as "end",
      coalesce(bool_or(reach > $3), false) as more
    from (
      select body, position, row_number() over () as place, count(*) over () as reach
      from (
        select body, position from record
        where collection = $1 and position > $2 ${where} order by position limit $3 + 1
      ) as found
    ) as counted
    where place <= $3`;
}
