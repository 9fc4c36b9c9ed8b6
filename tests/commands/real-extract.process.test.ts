/** A hospital's whole extract, where one is at hand: loaded twice, read in pages of every size, and checked. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, get as httpGet } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { keys } from '../support/service.js';
import { type Ended, type Folder, makeFolder, settingsFor, urlOf } from './processes.js';

const extract = fileURLToPath(new URL('../../../shared/data/fhir', import.meta.url));
const isHere = existsSync(extract);
if (!isHere) console.warn('no FHIR extract at hand: the tests on a real one are skipped');

const collections = [
  { name: 'patients', idField: 'patient_id', schema: 'Patient', count: 50 },
  { name: 'appointments', idField: 'appointment_id', schema: 'Appointment', count: 1_727 },
  { name: 'lab_results', idField: 'lab_result_id', schema: 'LabResult', count: 3_794 },
] as const;

describe.skipIf(!isHere)('a real extract', { timeout: 60_000 }, () => {
  let folder: Folder;
  let database: TestDatabase;
  let settings: Readonly<Record<string, string>>;
  let first: Ended;
  let url: string;
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    folder = await makeFolder();
    database = await createDatabase();
    settings = { ...(await settingsFor(folder, database.url)), LOG_LEVEL: 'warn' };
    first = await folder.command(['import', '--json', extract], settings);
    url = await urlOf(folder.serve({ ...settings, LOG_LEVEL: 'info' }));
  });
  afterAll(async () => {
    agent.destroy();
    await folder.remove();
    await database.drop();
  });

  /** One connection and no more than is asked for: with `fetch` most of the time would be the client's. */
  async function get(path: string, name: string, headers: Readonly<Record<string, string>> = {}) {
    const sent = { 'x-api-key': keys[name] ?? '', ...headers };
    const request = httpGet(`${url}${path}`, { agent, headers: sent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    expect(response.statusCode).toBe(200);
    return { text: body, headers: response.headers };
  }

  /** The texts of the pages without their brackets, joined: what one page of everything would hold. */
  async function follow(
    name: string,
    start: string,
    next: (headers: IncomingHttpHeaders) => string | undefined,
  ) {
    const pages: string[] = [];
    for (let path: string | undefined = start; path !== undefined;) {
      const { text: body, headers } = await get(path, name);
      const page = body.trim().slice(1, -1);
      if (page === '') break;
      pages.push(page);
      path = next(headers);
    }
    return pages.join(',');
  }

  async function lines(name: string): Promise<readonly string[]> {
    const feed = await get(`/${name}`, name, { accept: 'application/x-ndjson' });
    return feed.text.trimEnd().split('\n');
  }

  function stored() {
    return database.query('select collection, id, position, body from record order by 1, 2');
  }

  it('is created as a whole, and nothing of it is rejected', () => {
    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      rejected: 0,
      collections: Object.fromEntries(collections.map(({ name, count }) => [name, counts(count)])),
    });
  });

  it('is unchanged when it is loaded again, and no position moves', async () => {
    const before = await stored();
    const again = await folder.command(['import', '--json', extract], settings);
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      collections: Object.fromEntries(
        collections.map(({ name, count }) => [name, { created: 0, updated: 0, unchanged: count }]),
      ),
    });
    // A comparison of the texts: a difference of this size is of no use as a list.
    expect(JSON.stringify(await stored()) === JSON.stringify(before)).toBe(true);
  });

  describe.each(collections)('in $name', ({ name, idField, schema, count }) => {
    it('gives each id once as NDJSON, one record a line', async () => {
      const ids = (await lines(name)).map((line) => idOf(JSON.parse(line), idField));
      expect([ids.length, new Set(ids).size]).toEqual([count, count]);
    });

    it.each([1, 7, 100, 1000])(
      'gives the same bytes in pages of %d by Next-Cursor',
      async (limit) => {
        const pages = await follow(name, `/${name}?limit=${limit}`, (headers) => {
          const cursor = encodeURIComponent(String(headers['next-cursor']));
          return `/${name}?limit=${limit}&cursor=${cursor}`;
        });
        expect(pages === (await lines(name)).join(',')).toBe(true);
      },
    );

    it('gives the same bytes by Link', async () => {
      const pages = await follow(
        name,
        `/${name}?limit=90`,
        (headers) => /^<([^>]+)>; rel="next"$/.exec(String(headers.link))?.[1],
      );
      expect(pages === (await lines(name)).join(',')).toBe(true);
    });

    it('gives records that fit the published contract', async () => {
      const published = JSON.parse((await get('/openapi.json', name)).text) as object;
      const ajv = new Ajv2020({ strict: false });
      ajvFormats.default(ajv);
      ajv.addSchema(published, 'published');
      const validate = ajv.compile({ $ref: `published#/components/schemas/${schema}` });
      const misfits = (await lines(name)).filter((line) => !validate(JSON.parse(line)));
      expect(misfits.length).toBe(0);
    });
  });
});

function counts(created: number) {
  return { read: created, created, updated: 0, unchanged: 0, rejected: 0 };
}

function idOf(record: unknown, idField: string): unknown {
  return (record as Readonly<Record<string, unknown>>)[idField];
}
