// The dlt source: one resource a collection, merged by id, deleted where `deleted_ts` is set.
import type { JsonSchema, OpenApiDocument } from '../../src/contract/document.js';
import { type Stream, beginning, pageSize, streamsOf, typeOf } from './streams.js';

export function dltSource(document: OpenApiDocument): string {
  const streams = streamsOf(document);
  return `"""dlt source of the ${document.info.title}, version ${document.info.version}: one resource a collection.

Written by \`npm run generate\` from the contract; do not edit. Needs \`dlt >= 1.31\`.

    pipeline = dlt.pipeline("hospital", destination="duckdb", dataset_name="records")
    pipeline.run(hospital_streaming_api())

The base URL and a key for each collection that is to be pulled come from dlt's configuration:
\`SOURCES__HOSPITAL_STREAMING_API__BASE_URL\`${streams.map(({ keySetting }) => `,\n\`SOURCES__HOSPITAL_STREAMING_API__${keySetting.toUpperCase()}\``).join('')}, or the same in config.toml and secrets.toml.
"""

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.sources.rest_api import rest_api_resources


@dlt.source(max_table_nesting=0)
def hospital_streaming_api(
    base_url: str = dlt.config.value,
${streams.map(({ keySetting }) => `    ${keySetting}: dlt.TSecretStrValue | None = None,`).join('\n')}
):
    """The collections that a key is given for.

    An inactive or merged record stays, with its state; a retracted or missing one is removed from the
    destination, because its \`deleted_ts\` is set.
    """
    keys = {${streams.map(({ name, keySetting }) => `"${name}": ${keySetting}`).join(', ')}}
    resources = [resource(name, key) for name, key in keys.items() if key]
    if not resources:
        raise ConfigurationValueError(
            "no key is configured: set at least one of " + ", ".join(f"{name}_key" for name in keys)
        )
    yield from rest_api_resources(
        {
            "client": {"base_url": base_url.rstrip("/") + "/"},
            "resource_defaults": {
                "write_disposition": "merge",
                "endpoint": {"paginator": {"type": "header_link", "links_next_key": "next"}},
            },
            "resources": resources,
        }
    )


def resource(name, key):
    """One collection. The feed is in order and \`updated_since\` includes its time: nothing is missed."""
    return {
        "name": name,
        "primary_key": IDS[name],
        "columns": COLUMNS[name],
        "endpoint": {
            "path": name,
            "auth": {"type": "api_key", "name": KEY_HEADERS[name], "location": "header", "api_key": key},
            "params": {"limit": ${String(pageSize)}, "updated_since": "{incremental.start_value}"},
            "incremental": {"cursor_path": "updated_ts", "initial_value": "${beginning}"},
        },
    }


IDS = {
${streams.map(({ name, idField }) => `    "${name}": "${idField}",`).join('\n')}
}

KEY_HEADERS = {
${streams.map(({ name, keyHeader }) => `    "${name}": "${keyHeader}",`).join('\n')}
}

COLUMNS = {
${streams.map(columns).join('\n')}
}
`;
}

function columns({ name, schema, idField }: Stream): string {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const nullable = !required.has(field) || property.type?.includes('null') === true;
    const facts = [
      `"data_type": "${dataType(property)}"`,
      `"nullable": ${nullable && field !== idField ? 'True' : 'False'}`,
      ...(hints[field] ?? []),
    ];
    return `        "${field}": {${facts.join(', ')}},`;
  });
  return `    "${name}": {\n${rows.join('\n')}\n    },`;
}

/** A record that changes during a run comes twice in it: the later one counts, and decides on the deletion. */
const hints: Readonly<Record<string, readonly string[]>> = {
  updated_ts: ['"dedup_sort": "desc"'],
  deleted_ts: ['"hard_delete": True'],
};

const stringTypes: Readonly<Record<string, string>> = { date: 'date', 'date-time': 'timestamp' };

const otherTypes: Readonly<Record<string, string>> = {
  boolean: 'bool',
  integer: 'bigint',
  number: 'double',
  array: 'json',
  object: 'json',
};

function dataType(schema: JsonSchema): string {
  const format = typeof schema.format === 'string' ? schema.format : '';
  return otherTypes[typeOf(schema)] ?? stringTypes[format] ?? 'text';
}
