"""Runs the generated dlt source into a DuckDB file, or prints a table of it: `FILE run` or `FILE rows TABLE`."""

import json
import sys

import dlt
import duckdb
from hospital_streaming_api import COLUMNS, hospital_streaming_api


def run(file):
    pipeline = dlt.pipeline(
        "hospital", destination=dlt.destinations.duckdb(file), dataset_name="records"
    )
    pipeline.run(hospital_streaming_api())


def rows(file, table):
    connection = duckdb.connect(file, read_only=True)
    connection.execute("set timezone = 'UTC'")
    columns = COLUMNS[table]
    selected = ", ".join(expression(name, column["data_type"]) for name, column in columns.items())
    for row in connection.execute(f"select {selected} from records.{table}").fetchall():
        record = {
            name: json.loads(value) if value and columns[name]["data_type"] == "json" else value
            for name, value in zip(columns, row)
        }
        print(json.dumps(record))


def expression(name, data_type):
    if data_type == "timestamp":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"cast({name} as varchar)" if data_type in ("date", "json") else name


command, arguments = sys.argv[2], [sys.argv[1], *sys.argv[3:]]
{"run": run, "rows": rows}[command](*arguments)
