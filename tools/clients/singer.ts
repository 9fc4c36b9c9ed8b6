// The Singer tap: one small Python file over the Singer SDK, its streams given as data.
import type { OpenApiDocument } from '../../src/contract/document.js';
import { beginning, pageSize, streamsOf } from './streams.js';

export function singerTap(document: OpenApiDocument): string {
  const streams = streamsOf(document);
  return `"""Singer tap of the ${document.info.title}, version ${document.info.version}: one stream a collection.

Written by \`npm run generate\` from the contract; do not edit. Needs \`singer-sdk >= 0.54\`.

    python tap_hospital_streaming_api.py --config config.json --state state.json
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import APIKeyAuthenticator
from singer_sdk.pagination import HeaderLinkPaginator


class CollectionStream(RESTStream):
    """One collection, in the order in which its changes became visible."""

    replication_key = "updated_ts"
    is_sorted = True
    records_jsonpath = "$[*]"

    def __init__(self, tap, definition):
        self.definition = definition
        self.primary_keys = (definition["id"],)
        super().__init__(
            tap, name=definition["name"], path="/" + definition["name"], schema=definition["schema"]
        )

    @property
    def url_base(self):
        return self.config["base_url"].rstrip("/")

    @property
    def authenticator(self):
        return APIKeyAuthenticator(
            key=self.definition["key_header"],
            value=self.config[self.definition["key_setting"]],
            location="header",
        )

    def get_new_paginator(self):
        """Follows Link. Next-Cursor stands on every page, so that following it would never end."""
        return HeaderLinkPaginator()

    def get_url_params(self, context, next_page_token):
        if next_page_token:
            return dict(parse_qsl(next_page_token.query))
        since = self.get_starting_replication_key_value(context) or self.config["start_date"]
        return {"limit": ${String(pageSize)}, "updated_since": since}

    def backoff_max_tries(self):
        return 10

    def backoff_wait_generator(self):
        return self.backoff_runtime(value=seconds_to_wait)


def seconds_to_wait(error):
    """What the service asks for, else five seconds."""
    response = getattr(error, "response", None)
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    return int(asked) if asked.isdigit() else 5


class HospitalStreamingApiTap(Tap):
    """The collections that a key is configured for."""

    name = "tap-hospital-streaming-api"

    @property
    def config_jsonschema(self):
        return CONFIG.to_dict()

    def discover_streams(self):
        streams = [d for d in STREAMS if self.config.get(d["key_setting"])]
        if not streams:
            wanted = ", ".join(d["key_setting"] for d in STREAMS)
            raise ValueError(f"no key is configured: set at least one of {wanted}")
        return [CollectionStream(self, definition) for definition in streams]


CONFIG = th.PropertiesList(
    th.Property("base_url", th.StringType, required=True),
    th.Property("start_date", th.StringType, default="${beginning}"),
${streams.map(({ keySetting }) => `    th.Property("${keySetting}", th.StringType, secret=True),`).join('\n')}
)

STREAMS = json.loads(
    r"""
${JSON.stringify(
  streams.map(({ name, idField, keyHeader, keySetting, schema }) => ({
    name,
    id: idField,
    key_header: keyHeader,
    key_setting: keySetting,
    schema,
  })),
  null,
  2,
)}
"""
)

if __name__ == "__main__":
    HospitalStreamingApiTap.cli()
`;
}
