"""A cold start is mostly imports: what each function has imported before its first request."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.house import FUNCTIONS, ROOT

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
