/** Airbyte's CDK, reading the generated manifest; what it prints is kept as files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Connection,
  type PullClient,
  type Row,
  collections,
  generated,
  messages,
  output,
  program,
} from './pull-client.js';

export function airbyte(folder: string, manifest = 'airbyte/manifest.yaml'): PullClient {
  const kept = new Map<string, Map<string, Row>>(collections.map(({ name }) => [name, new Map()]));
  const states = new Map<string, unknown>();
  return {
    run: async (connection) => {
      const printed = await source(folder, manifest, 'read', connection, states);
      for (const message of messages(printed)) keep(message as unknown as AirbyteMessage);
    },
    rows: (collection) => Promise.resolve([...(kept.get(collection)?.values() ?? [])]),
  };

  function keep(message: AirbyteMessage): void {
    if (message.type === 'STATE') {
      states.set(message.state.stream.stream_descriptor.name, message.state);
    } else if (message.type === 'RECORD') {
      const { stream, data } = message.record;
      const idField = collections.find(({ name }) => name === stream)?.idField ?? '';
      kept.get(stream)?.set(String(data[idField]), data);
    }
  }
}

/** Asks the source that the manifest describes: `spec`, `check`, `discover` or `read`. */
export async function source(
  folder: string,
  manifest: string,
  command: 'check' | 'discover' | 'read',
  { baseUrl, keys }: Connection,
  states: ReadonlyMap<string, unknown> = new Map(),
): Promise<string> {
  const config = {
    base_url: baseUrl,
    ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [`${name}_key`, key])),
  };
  const files = { config, catalog, state: [...states.values()] };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, `${name}.json`), JSON.stringify(content));
  }
  return output(
    program('airbyte', 'source-declarative-manifest'),
    [
      command,
      ...['--config', 'config.json', '--manifest-path', generated(manifest)],
      ...(command === 'read' ? ['--catalog', 'catalog.json', '--state', 'state.json'] : []),
    ],
    { cwd: folder },
  );
}

const catalog = {
  streams: collections.map(({ name, idField }) => ({
    stream: {
      name,
      json_schema: {},
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_cursor: true,
      default_cursor_field: ['updated_ts'],
    },
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    cursor_field: ['updated_ts'],
    primary_key: [[idField]],
  })),
};

type AirbyteMessage =
  | { readonly type: 'RECORD'; readonly record: { readonly stream: string; readonly data: Row } }
  | {
      readonly type: 'STATE';
      readonly state: {
        readonly stream: { readonly stream_descriptor: { readonly name: string } };
      };
    }
  | { readonly type: 'LOG' };
