"""What the service replaces: Flask and psycopg2 behind gunicorn, reading rows and writing them as JSON."""

import hmac
import os

import orjson
from flask import Flask, Response, request
from psycopg2.pool import ThreadedConnectionPool

with open(os.path.join(os.environ["API_KEYS_DIR"], "lab_results_api_key"), encoding="ascii") as file:
    KEY = file.read().strip()
pool = ThreadedConnectionPool(1, 10, os.environ["DATABASE_URL"])
app = Flask(__name__)


def rows(statement, values):
    connection = pool.getconn()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor]
    finally:
        pool.putconn(connection)


def answer(value):
    return Response(
        orjson.dumps(value), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


@app.before_request
def authenticate():
    if not hmac.compare_digest(request.headers.get("x-api-key", ""), KEY):
        return Response(status=401)
    return None


@app.get("/lab_results")
def list_lab_results():
    limit = request.args.get("limit", 100, int)
    if not 1 <= limit <= 1000:
        return Response(status=400)
    return answer(rows("select * from bench_row order by updated_ts limit %s", (limit,)))


@app.get("/lab_results/<lab_result_id>")
def get_lab_result(lab_result_id):
    found = rows("select * from bench_row where lab_result_id = %s", (lab_result_id,))
    return answer(found[0]) if found else Response(status=404)
