"""Every built function under Lambda's own runtime client, with its layers and its settings and nothing else, takes its event."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from aws.template import functions_of, read_template
from integrations_hub.web.routing import Route
from local.aws.built import built_functions, short_name
from local.aws.invoke import EVENTS, event_of
from local.aws.rie import BuiltFunction, RunningFunction
from local.aws.settings import settings_alone
from local.openapi import routes
from tests.support.hub import outside_folder
from tests.support.sam import TEMPLATE

NAMES = sorted(short_name(logical_id) for logical_id in functions_of(read_template(TEMPLATE)))
ROUTES: Mapping[str, Route] = {route.name: route for route in routes()}
# no integration is there, nor the function of a connector; the rest is answered as documented
ANSWERS: Mapping[str, set[int]] = {
    "receive_event": {401},
    "create_integration": {503},
    "test_integration": {503},
    "update_integration": {503},
    "list_secret_backends": {503},
}
IMPORTED = """
import sys
def lambda_handler(event, context):
    return {"path": sys.path, "modules": [m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)]}
"""


@pytest.fixture(scope="module")
def functions(built_stack: Path) -> Iterator[Mapping[str, BuiltFunction]]:
    with outside_folder() as folder, settings_alone(folder) as settings:
        yield built_functions(built_stack, settings)


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, tuple[float, float]]]:
    """Collect initialisation and memory, and print them as a table."""
    table: dict[str, tuple[float, float]] = {}
    yield table
    ran = f"function (Python {platform.python_version()})"
    print(f"\n{ran:<30} {'init':>8} {'memory':>9}")  # noqa: T201 - with pytest -s
    for name, (init_ms, peak_mb) in sorted(table.items()):
        print(f"{name:<30} {init_ms:>5.0f} ms {peak_mb:>6.0f} MB")  # noqa: T201 - as above


def test_there_is_an_event_for_every_function_and_none_besides(functions: Mapping[str, BuiltFunction]) -> None:
    assert {event_of(function).name for function in functions.values()} == {path.name for path in EVENTS.iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_a_function_takes_its_event(functions, measured, tmp_path: Path, name: str) -> None:
    function = functions[name]
    with RunningFunction(function, tmp_path / "log") as running:
        invoked = running.invoke(event_of(function).read_bytes())
        measured[name] = running.init_ms(), running.peak_memory_mb()
    assert not invoked.failed, (tmp_path / "log").read_text()
    answer: dict[str, Any] = json.loads(invoked.payload)
    route = ROUTES.get(name)
    if route:
        assert answer["statusCode"] in ANSWERS.get(name, {*route.answers, 404}), answer
    elif name == "migrate_database":
        assert re.fullmatch(r"\d+", answer["revision"])
    elif name.startswith("run_connector"):
        # 5 is no message of ours; 3 is a check of a Harbor whose lease is gone, which another connector gives back
        again = [one["itemIdentifier"][-1] for one in answer["batchItemFailures"]]
        assert again == (["5"] if name == "run_connector_harbor" else ["3", "5"])
    init_ms, peak_mb = measured[name]
    assert peak_mb < function.memory_mb, (init_ms, peak_mb)


def test_nothing_of_this_machine_is_on_the_path(functions, tmp_path: Path) -> None:
    whole = functions["list_integrations"]
    (tmp_path / "main.py").write_text(IMPORTED)
    probe = BuiltFunction("probe", tmp_path, whole.layers)
    with RunningFunction(probe, tmp_path / "log") as running:
        seen = json.loads(running.invoke(b"{}").payload)
    assert not [path for path in seen["path"] + seen["modules"] if ".venv" in path]
    assert not [path for path in seen["path"] if path.endswith("site-packages")]


@pytest.mark.parametrize(
    ("code", "said"),
    [("import a_package_of_nobody\n", "No module named 'a_package_of_nobody'"), ("raise SystemExit(3)\n", "")],
    ids=["a package nobody deployed", "an end during the import"],
)
def test_a_function_that_does_not_start_is_told_as_failed(functions, tmp_path: Path, code: str, said: str) -> None:
    (tmp_path / "main.py").write_text(code)
    broken = BuiltFunction("broken", tmp_path, functions["list_integrations"].layers)
    with RunningFunction(broken, tmp_path / "log") as running:
        invoked = running.invoke(b"{}")
    assert invoked.failed
    assert said in invoked.payload.decode()
