"""List 50 integrations in process, from the Lambda event to its answer, against raw psycopg under the same RLS."""

from __future__ import annotations

import os
from statistics import median
from time import perf_counter

import psycopg

from integrations_hub.storage import statements
from tests.benchmarks.table import Row
from tests.support.functions import lambda_event, load_function
from tests.support.hub import Hub

ROUNDS, WARM_UP = 400, 50
TENANT = "bench"


def list_fifty(hub: Hub) -> list[Row]:
    """Measure both sides by turns, one connection each, and compare medians."""
    token = hub.token(tenant=TENANT)
    for n in range(50):
        body = {"type": "in-memory", "name": f"integration {n:02}", "config": {}, "tags": ["bench"]}
        assert hub.call("POST", "/api/v1/integrations", token=token, json=body).status == 201
    handler = load_function("list_integrations").lambda_handler
    event = lambda_event("GET", "/api/v1/integrations", tenant=TENANT)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=None) as connection:
        ours, raw = [], []
        for _ in range(WARM_UP + ROUNDS):
            ours.append(_timed(lambda: handler(event, None)))
            raw.append(_timed(lambda: _raw(connection)))
    return [
        Row("list 50 / raw psycopg under RLS", median(ours[WARM_UP:]), median(raw[WARM_UP:]), "ms", "<= 1.5"),
    ]


_FILTERS = ("type", "category", "status", "tag", "name_contains", "after_key", "after_id")


def _raw(connection: psycopg.Connection) -> list[tuple]:
    """Read the same rows with the same statement, in one round trip."""
    values = {"tenant": TENANT, "limit": 51, **dict.fromkeys(_FILTERS)}
    with connection.pipeline():
        connection.execute(statements.SET_TENANT, {"tenant": TENANT})
        cursor = connection.execute(statements.PAGE, values)
    rows = cursor.fetchall()
    assert len(rows) == 50
    return rows


def _timed(work) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000
