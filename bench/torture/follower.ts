/** A reader of the feed that is killed at random and goes on from what it had saved. */
import { type IncomingMessage, type OutgoingHttpHeaders, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { benchKey } from '../built-service.js';

export type Way = 'page' | 'since' | 'export' | 'wait';

export interface Following {
  readonly url: string;
  readonly way: Way;
  readonly random: () => number;
  /** Set once nothing is written any more. */
  readonly rest: { readonly begun: boolean };
}

export interface Followed {
  readonly versions: ReadonlyMap<string, number>;
  outOfOrder: number;
  /** Cursors that the service no longer knew. */
  expired: number;
  killed: number;
  answers: number;
}

interface Item {
  readonly lab_result_id: string;
  readonly version: number;
  readonly updated_ts: string;
}

interface Reader extends Followed {
  readonly versions: Map<string, number>;
  /** Where it goes on. */
  from: string;
  newest: Pick<Item, 'lab_result_id' | 'updated_ts'>;
}

const killedOften = 0.3;
const longestLifeMs = 150;
const restMs = 20;

/** Where positions went backwards a reader can be given the same records for ever, at once or after a wait. */
const mostRoundsAtRest = 500;
const mostRestMs = 60_000;

/** Until a page comes empty after writing has ended. */
export async function follow(following: Following): Promise<Followed> {
  const { rest, random } = following;
  const reader: Reader = {
    versions: new Map(),
    ...{ outOfOrder: 0, expired: 0, killed: 0, answers: 0, from: '' },
    newest: { lab_result_id: '', updated_ts: '' },
  };
  let restEndsMs = Infinity;
  for (let roundsAtRest = 0; ;) {
    const lastRound = rest.begun;
    if (lastRound && roundsAtRest === 0) restEndsMs = performance.now() + mostRestMs;
    const life = new AbortController();
    const willDie = !lastRound && random() < killedOften;
    const death = setTimeout(
      () => {
        life.abort();
      },
      willDie ? random() * longestLifeMs : 60_000,
    );
    const read = await ask(reader, following, life.signal).catch(() => undefined);
    clearTimeout(death);
    if (read === undefined) reader.killed += 1;
    else reader.answers += 1;
    if (lastRound) roundsAtRest += 1;
    const isOver = roundsAtRest > mostRoundsAtRest || performance.now() > restEndsMs;
    if (lastRound && (read === 0 || isOver)) return reader;
    if (read === undefined || read === 0) await pause(restMs);
  }
}

/** @returns how many new records came */
async function ask(reader: Reader, { url, way }: Following, signal: AbortSignal) {
  const limit = way === 'export' ? '' : 'limit=50&';
  const headers = {
    ...{ 'x-api-key': benchKey, accept: 'application/x-ndjson' },
    ...(way === 'wait' && { prefer: 'wait=1' }),
  };
  const response = await answerOf(`${url}/lab_results?${limit}${reader.from}`, headers, signal);
  const { statusCode = 0 } = response;
  if (statusCode === 410) startAfresh(reader);
  if (statusCode !== 200) {
    response.destroy();
    throw new Error(`answered ${statusCode}`);
  }
  const cursor = `cursor=${response.headers['next-cursor']?.toString() ?? ''}`;
  // An export is stored line by line; a page all at once, as in a transaction.
  const fresh =
    way === 'export'
      ? await takeLines(reader, response)
      : take(reader, (await text(response)).split('\n').slice(0, -1));
  reader.from = way === 'since' ? sinceNewest(reader) : cursor;
  return fresh;
}

/** On a connection of its own: what was kept of those to a killed service is no use to the next. */
function answerOf(
  url: string,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    get(url, { headers, signal, agent: false }, answered).on('error', failed);
  });
}

/** What came whole before the body broke is kept, and the reader goes on by time. */
async function takeLines(reader: Reader, body: IncomingMessage): Promise<number> {
  let rest = '';
  let fresh = 0;
  const decoder = new TextDecoder();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    fresh += take(reader, lines);
    reader.from = sinceNewest(reader);
  }
  return fresh;
}

function take(reader: Reader, lines: readonly string[]): number {
  let fresh = 0;
  for (const line of lines) {
    // The service validated the record when it was written.
    const { lab_result_id: id, version, updated_ts: time } = JSON.parse(line) as Item;
    const { newest } = reader;
    const isRepeated = time === newest.updated_ts && id === newest.lab_result_id;
    if (!isRepeated) fresh += 1;
    if (!isRepeated && time <= newest.updated_ts) reader.outOfOrder += 1;
    else reader.newest = { lab_result_id: id, updated_ts: time };
    reader.versions.set(id, version);
  }
  return fresh;
}

function sinceNewest({ newest, from }: Reader): string {
  return newest.updated_ts === '' ? from : `updated_since=${newest.updated_ts}`;
}

function startAfresh(reader: Reader): void {
  reader.expired += 1;
  reader.from = '';
  reader.newest = { lab_result_id: '', updated_ts: '' };
}
