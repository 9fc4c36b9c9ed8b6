/** A local server that speaks as much of BigQuery's REST API as queries need: jobs.query and jobs.getQueryResults. */
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { postgresText } from './dialect.js';

type Row = Readonly<Record<string, unknown>>;

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly location: string | undefined;
}

export interface BigQueryServer {
  /** For BIGQUERY_EMULATOR_HOST. */
  readonly url: string;
  /** What came, sign-ins apart. */
  readonly asked: readonly Asked[];
  close(): void;
}

interface Options {
  /** Runs a statement of PostgreSQL with `$1`, `$2` … */
  readonly run: (statement: string, values: readonly unknown[]) => Promise<readonly Row[]>;
  readonly rowsOnAPage: number;
}

interface Query {
  readonly query: string;
  readonly location?: string;
  readonly queryParameters: readonly {
    readonly name: string;
    readonly parameterType: {
      readonly type: string;
      readonly arrayType: { readonly type: string };
    };
    readonly parameterValue: { readonly arrayValues: readonly { readonly value: string }[] };
  }[];
}

export const accessToken = 'a-token-of-the-local-server';

export async function startBigQuery({ run, rowsOnAPage }: Options): Promise<BigQueryServer> {
  const asked: Asked[] = [];
  const jobs: (readonly Row[])[] = [];
  const answer = async (request: IncomingMessage): Promise<object> => {
    const url = new URL(request.url ?? '', 'http://bigquery');
    const body = await text(request);
    if (url.pathname === '/token') return token;
    const { authorization } = request.headers;
    const query = request.method === 'POST' ? (JSON.parse(body) as Query) : undefined;
    const location = query?.location ?? url.searchParams.get('location') ?? undefined;
    asked.push({ path: `${request.method ?? ''} ${url.pathname}`, authorization, location });
    if (query !== undefined) {
      const { statement, values } = postgresText(query.query, parametersOf(query));
      jobs.push(await run(statement, values));
      return pageOf(jobs, jobs.length - 1, 0, rowsOnAPage);
    }
    const [, job = ''] = /\/queries\/job-(\d+)$/.exec(url.pathname) ?? [];
    const start = Number(url.searchParams.get('pageToken') ?? 0);
    return pageOf(jobs, Number(job), start, rowsOnAPage);
  };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    answer(request).then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => {
        const message = String(error);
        response.writeHead(400).end(JSON.stringify({ error: { code: 400, message } }));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const token = {
  ...{ access_token: accessToken, token_type: 'Bearer', expires_in: 3600 },
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};

function parametersOf({ queryParameters }: Query): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    queryParameters.map(({ name, parameterType, parameterValue }) => {
      const wanted = name === 'ids' ? 'STRING' : 'INT64';
      const { type, arrayType } = parameterType;
      if (type !== 'ARRAY' || arrayType.type !== wanted) throw new Error(`${name} is no ${wanted}`);
      return [name, parameterValue.arrayValues.map(({ value }) => value)];
    }),
  );
}

const numbers = new Set(['bucket', 'count', 'position']);

function pageOf(jobs: readonly (readonly Row[])[], job: number, start: number, most: number) {
  const rows = jobs[job] ?? [];
  const names = Object.keys(rows[0] ?? {});
  const end = start + most;
  return {
    ...{ jobComplete: true, totalRows: String(rows.length) },
    jobReference: { projectId: 'hospital', jobId: `job-${job}`, location: 'EU' },
    schema: {
      fields: names.map((name) => ({ name, type: numbers.has(name) ? 'INTEGER' : 'STRING' })),
    },
    rows: rows
      .slice(start, end)
      .map((row) => ({ f: names.map((name) => ({ v: String(row[name]) })) })),
    ...(end < rows.length && { pageToken: String(end) }),
  };
}
