"""Each read function from a fresh interpreter to its first answer, against importing what it is built on."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

from tests.benchmarks.table import Row
from tests.support.hub import Hub

ROUNDS = 7
TENANT = "bench"
READS = {
    "list_integrations": "/api/v1/integrations",
    "get_integration": "/api/v1/integrations/{id}",
    "list_integrations_by_type": "/api/v1/integrations/by-type/in-memory",
    "get_integration_health": "/api/v1/integrations/{id}/health",
    "get_summary": "/api/v1/integrations/summary",
    "list_audit": "/api/v1/integrations/audit",
    "list_integration_audit": "/api/v1/integrations/{id}/audit",
    "list_dependents": "/api/v1/integrations/{id}/dependents",
    "list_plugins": "/api/v1/integrations/plugins",
}
_BASELINE = "import time; t = time.perf_counter(); import psycopg, sqlalchemy, pydantic; print(time.perf_counter() - t)"
_FIRST_ANSWER = """
import time; started = time.perf_counter()
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("main", sys.argv[1])
main = importlib.util.module_from_spec(spec); spec.loader.exec_module(main)
answer = main.lambda_handler(json.loads(sys.argv[2]), None)
assert answer["statusCode"] == 200, answer
print(time.perf_counter() - started)
"""


def cold_start(hub: Hub) -> list[Row]:
    """Run both sides by turns in fresh processes on one machine, and compare medians."""
    from tests.support.functions import FUNCTIONS, lambda_event  # noqa: PLC0415 - loaded after the hub is up

    token = hub.token(tenant=TENANT)
    items = hub.call("GET", "/api/v1/integrations", token=token).json()["items"]
    rows = []
    for name, path in READS.items():
        event = json.dumps(lambda_event("GET", path.format(id=items[0]["id"]), tenant=TENANT))
        ours, baseline = [], []
        for _ in range(ROUNDS):
            ours.append(_run(_FIRST_ANSWER, str(FUNCTIONS / name / "main.py"), event))
            baseline.append(_run(_BASELINE))
        rows.append(Row(f"{name} to its first answer", median(ours), median(baseline), "ms", "<= 0.8"))
    return rows


def _run(code: str, *arguments: str) -> float:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1]) * 1000
