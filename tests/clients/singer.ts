/** The Singer tap; what it prints is kept as files, as a target would. */
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

export function singer(folder: string): PullClient {
  const kept = new Map<string, Map<string, Row>>(collections.map(({ name }) => [name, new Map()]));
  let state: unknown = {};
  return {
    run: async (connection) => {
      await writeFile(join(folder, 'state.json'), JSON.stringify(state));
      const printed = await tap(folder, ['--state', 'state.json'], connection);
      for (const message of messages(printed)) keep(message as unknown as SingerMessage);
    },
    rows: (collection) => Promise.resolve([...(kept.get(collection)?.values() ?? [])]),
  };

  function keep(message: SingerMessage): void {
    if (message.type === 'STATE') state = message.value;
    if (message.type !== 'RECORD') return;
    const idField = collections.find(({ name }) => name === message.stream)?.idField ?? '';
    kept.get(message.stream)?.set(String(message.record[idField]), message.record);
  }
}

export async function tap(
  folder: string,
  args: readonly string[],
  { baseUrl, keys }: Connection,
): Promise<string> {
  const config = {
    base_url: baseUrl,
    ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [`${name}_key`, key])),
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const file = generated('singer/tap_hospital_streaming_api.py');
  return output(program('singer', 'python'), [file, '--config', 'config.json', ...args], {
    cwd: folder,
  });
}

type SingerMessage =
  | { readonly type: 'RECORD'; readonly stream: string; readonly record: Row }
  | { readonly type: 'STATE'; readonly value: unknown }
  | { readonly type: 'SCHEMA' };
