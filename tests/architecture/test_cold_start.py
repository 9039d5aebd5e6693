"""A cold start is mostly imports: what each function has imported before its first request."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.house import FUNCTIONS, ROOT
from tests.support.functions import lambda_event

# third-party packages, and parts of the standard library that cost more than they are worth to most functions
LIGHT = {"annotated_types", "integrations_hub", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
HEAVY_STANDARD = {"asyncio", "concurrent.futures", "http.client", "multiprocessing", "ssl", "urllib.request"}

PROGRAM = """
import importlib.util, json, sys
found, before = {}, set(sys.modules)
for name in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location(name, f"functions/{name}/main.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    found[name], before = sorted(set(sys.modules) - before), set(sys.modules)
print(json.dumps(found))
"""


@cache
def imported() -> dict[str, list[str]]:
    """Return the modules each function brings, in one process and in order: what an earlier one brought counts there."""
    names = [main.parent.name for main in FUNCTIONS]
    command = [sys.executable, "-c", PROGRAM, *names]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env={})
    found: dict[str, list[str]] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("main", FUNCTIONS, ids=lambda main: main.parent.name)
def test_a_function_imports_nothing_heavy_and_reads_no_setting(main: Path) -> None:
    modules = imported()[main.parent.name]
    packages = {name.partition(".")[0] for name in modules}
    strangers = {name for name in packages - LIGHT if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert strangers == set()
    assert HEAVY_STANDARD & set(modules) == set()


COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.1"}
TELEMETRY = {"aws_lambda_powertools", "opentelemetry", "prometheus_client"}
FIRST_REQUEST = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("main", "functions/get_summary/main.py")
main = importlib.util.module_from_spec(spec); spec.loader.exec_module(main)
assert main.lambda_handler(json.loads(sys.argv[1]), None)["statusCode"] == 401
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    ("settings", "brought"),
    [
        ({}, set()),
        ({"METRICS": "none", "AWS_LAMBDA_FUNCTION_NAME": "f"}, set()),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, set()),  # with the first thing that is counted
        ({"METRICS": "prometheus"}, {"prometheus_client"}),
        (COLLECTOR | {"METRICS": "none"}, {"opentelemetry"}),
    ],
)
def test_telemetry_is_imported_with_the_first_request_and_where_it_is_set(
    settings: dict[str, str], brought: set[str]
) -> None:
    event = lambda_event("GET", "/api/v1/integrations/summary", tenant="acme")
    event["requestContext"] = {"http": {"method": "GET"}}
    command = [sys.executable, "-c", FIRST_REQUEST, json.dumps(event)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=settings)
    assert TELEMETRY & set(json.loads(run.stdout.splitlines()[-1])) == brought
