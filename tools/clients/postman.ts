// The Postman collection, by Postman's own converter; Bruno and Insomnia import the same file.
import postman from 'openapi-to-postmanv2';
import type { OpenApiDocument } from '../../src/contract/document.js';
import { type Stream, streamsOf } from './streams.js';

export async function postmanCollection(document: OpenApiDocument): Promise<string> {
  const streams = streamsOf(document);
  const { info, item, ...rest } = (await converted(document)) as Collection;
  const collection = {
    info,
    variable: [
      { key: 'baseUrl', value: 'http://127.0.0.1:8080' },
      ...streams.map(({ keySetting }) => ({ key: keySetting, value: '', type: 'secret' })),
    ],
    item: item.map((folder) => withKey(folder, streams)),
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'variable')),
  };
  return `${JSON.stringify(collection, withoutRandomIds, 2)}\n`;
}

interface Collection {
  readonly info: unknown;
  readonly item: readonly Folder[];
}

interface Folder {
  readonly name: string;
}

function converted(document: OpenApiDocument): Promise<unknown> {
  const options = {
    folderStrategy: 'Tags',
    parametersResolution: 'Example',
    enableOptionalParameters: false,
  };
  return new Promise((fulfil, refuse) => {
    // The converter writes into what it is given.
    const input = { type: 'json', data: structuredClone(document) } as const;
    postman.convertV2(input, options, (error, { result, reason, output }) => {
      if (error !== null || !result) refuse(error ?? new Error(reason));
      else fulfil(output?.[0]?.data);
    });
  });
}

/** A collection's folder asks for that collection's key, where the converter knows one key for all. */
function withKey(folder: Folder, streams: readonly Stream[]): Folder {
  const stream = streams.find(({ name }) => name === folder.name);
  if (stream === undefined) return folder;
  const text = JSON.stringify(folder).replaceAll('{{apiKey}}', `{{${stream.keySetting}}}`);
  // The same folder, with another variable's name in it.
  return JSON.parse(text) as Folder;
}

/** The converter draws new ids at every run; what imports the file makes its own. */
function withoutRandomIds(name: string, value: unknown): unknown {
  return name === 'id' || name === '_postman_id' ? undefined : value;
}
