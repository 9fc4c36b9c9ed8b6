// The Airbyte manifest for its declarative CDK: one stream a collection, pages by Link or lines by NDJSON.
import { stringify } from 'yaml';
import type { JsonSchema, OpenApiDocument } from '../../src/contract/document.js';
import { type Stream, beginning, pageSize, streamsOf } from './streams.js';

/** The version of the CDK whose schema the manifest follows. */
const manifestVersion = '7.39.1';

const timeFormat = '%Y-%m-%dT%H:%M:%S.%fZ';

export function airbyteManifest(document: OpenApiDocument): string {
  return manifest(document, 'json');
}

/** The same streams, each run one request that is read as it comes. */
export function airbyteLinesManifest(document: OpenApiDocument): string {
  return manifest(document, 'lines');
}

type Form = 'json' | 'lines';

function manifest(document: OpenApiDocument, form: Form): string {
  const streams = streamsOf(document);
  const names = streams.map(({ name }) => name);
  const words = `# Airbyte source of the ${document.info.title}, version ${document.info.version}. Written by \`npm run generate\` from the contract; do not edit.\n`;
  return (
    words +
    stringify(
      {
        version: manifestVersion,
        type: 'DeclarativeSource',
        check: { type: 'CheckStream', stream_names: names },
        streams: streams.map((stream) => declarativeStream(stream, form)),
        spec: { type: 'Spec', connection_specification: specification(document, streams) },
      },
      { lineWidth: 0, aliasDuplicateObjects: false },
    )
  );
}

function declarativeStream(stream: Stream, form: Form) {
  return {
    type: 'DeclarativeStream',
    name: stream.name,
    primary_key: [stream.idField],
    retriever: {
      type: 'SimpleRetriever',
      requester: requester(stream, form),
      record_selector: {
        type: 'RecordSelector',
        extractor: { type: 'DpathExtractor', field_path: [] },
      },
      ...(form === 'json' ? { paginator: linkPaginator } : { decoder: { type: 'JsonlDecoder' } }),
    },
    incremental_sync: incrementalSync,
    schema_loader: { type: 'InlineSchemaLoader', schema: jsonSchema(stream.schema) },
  };
}

function requester({ name, keyHeader, keySetting }: Stream, form: Form) {
  return {
    type: 'HttpRequester',
    url_base: "{{ config['base_url'].rstrip('/') }}/",
    path: name,
    http_method: 'GET',
    ...(form === 'json'
      ? { request_parameters: { limit: String(pageSize) } }
      : { request_headers: { Accept: 'application/x-ndjson' } }),
    authenticator: {
      type: 'ApiKeyAuthenticator',
      api_token: `{{ config['${keySetting}'] }}`,
      inject_into: { type: 'RequestOption', inject_into: 'header', field_name: keyHeader },
    },
    error_handler: {
      type: 'DefaultErrorHandler',
      max_retries: 10,
      backoff_strategies: [
        { type: 'WaitTimeFromHeader', header: 'Retry-After' },
        { type: 'ExponentialBackoffStrategy', factor: 2 },
      ],
    },
  };
}

/** `Next-Cursor` stands on every page, so that a paginator that follows it would never end. */
const linkPaginator = {
  type: 'DefaultPaginator',
  page_token_option: { type: 'RequestPath' },
  pagination_strategy: {
    type: 'CursorPagination',
    cursor_value: "{{ headers['link']['next']['url'] }}",
    stop_condition: "{{ 'next' not in headers['link'] }}",
  },
};

const incrementalSync = {
  type: 'DatetimeBasedCursor',
  cursor_field: 'updated_ts',
  datetime_format: timeFormat,
  cursor_datetime_formats: [timeFormat],
  start_datetime: {
    type: 'MinMaxDatetime',
    datetime: `{{ config.get('start_date', '${beginning}') }}`,
    datetime_format: timeFormat,
  },
  start_time_option: {
    type: 'RequestOption',
    inject_into: 'request_parameter',
    field_name: 'updated_since',
  },
};

function jsonSchema(schema: JsonSchema): Readonly<Record<string, unknown>> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    additionalProperties: true,
    ...schema,
  };
}

function specification(document: OpenApiDocument, streams: readonly Stream[]) {
  return {
    type: 'object',
    required: ['base_url', ...streams.map(({ keySetting }) => keySetting)],
    additionalProperties: true,
    properties: {
      base_url: {
        type: 'string',
        title: 'Base URL',
        description: `Where the ${document.info.title} answers, with its path prefix if it has one.`,
        examples: ['https://api.hospital.example/'],
      },
      ...Object.fromEntries(
        streams.map(({ name, keySetting }) => [
          keySetting,
          { type: 'string', title: `Key of ${name}`, airbyte_secret: true },
        ]),
      ),
      start_date: {
        type: 'string',
        format: 'date-time',
        title: 'Start',
        description:
          'Only changes from this time on, in UTC with six fraction digits. Everything when left out.',
        pattern: String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$`,
      },
    },
  };
}
