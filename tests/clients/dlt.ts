/** dlt, with DuckDB as its destination. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Connection,
  type PullClient,
  generated,
  messages,
  output,
  program,
} from './pull-client.js';

const script = fileURLToPath(new URL('dlt_pipeline.py', import.meta.url));

export function dlt(folder: string): PullClient {
  const python = (args: readonly string[], env: NodeJS.ProcessEnv) =>
    output(program('dlt', 'python'), [script, join(folder, 'hospital.duckdb'), ...args], {
      cwd: folder,
      env: {
        ...env,
        PYTHONPATH: generated('dlt'),
        DLT_DATA_DIR: join(folder, 'dlt'),
        RUNTIME__DLTHUB_TELEMETRY: 'false',
      },
    });
  return {
    run: async (connection) => {
      await python(['run'], settings(connection));
    },
    rows: async (collection) => messages(await python(['rows', collection], {})),
  };
}

function settings({ baseUrl, keys }: Connection): NodeJS.ProcessEnv {
  const prefix = 'SOURCES__HOSPITAL_STREAMING_API__';
  return {
    [`${prefix}BASE_URL`]: baseUrl,
    ...Object.fromEntries(
      Object.entries(keys).map(([name, key]) => [`${prefix}${name.toUpperCase()}_KEY`, key]),
    ),
  };
}
