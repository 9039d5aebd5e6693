"""Check a connector's folder: its entry point, what its package imports, and that the conformance kit passes."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree as ET

from integrations_hub.cli.errors import Refused

__all__ = ["Finding", "check_connector"]

_GROUP = "integrations_hub.connectors"
_SDK = "integrations_hub.connector"
_CASE = "test_says_what_it_is"  # the case that every connector has
_TAIL = 20  # lines of pytest's output


class Finding(NamedTuple):
    """One check, whether it passed, and what was found."""

    check: str
    passed: bool
    detail: str


def check_connector(folder: Path) -> Sequence[Finding]:
    """Return what is found in a connector's folder; a later check is left out where an earlier one must pass first.

    Raises:
        Refused: the folder has no pyproject.toml that can be read.
    """
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text())
    except FileNotFoundError:
        raise Refused(f"{folder} has no pyproject.toml; name the folder of a connector.") from None
    except (OSError, ValueError) as broken:
        raise Refused(f"{folder / 'pyproject.toml'} cannot be read: {broken}.") from None
    points = project.get("project", {}).get("entry-points", {}).get(_GROUP, {})
    entry = _entry_point(folder, points)
    if not entry.passed:
        return [entry]
    (value,) = points.values()
    return [entry, _imports(folder / value.partition(":")[0].partition(".")[0]), _kit(folder)]


def _entry_point(folder: Path, points: dict[str, str]) -> Finding:
    check = "entry point"
    if len(points) != 1:
        return Finding(check, False, f'give it one entry, in [project.entry-points."{_GROUP}"]; it has {len(points)}.')  # noqa: FBT003 - a finding reads as check, verdict, detail
    ((name, value),) = points.items()
    package = value.partition(":")[0].partition(".")[0]
    if not (folder / package / "__init__.py").is_file():
        return Finding(check, False, f"{name} names the package {package}, which is not in the folder.")  # noqa: FBT003 - as above
    return Finding(check, True, f"{name} = {value}")  # noqa: FBT003 - as above


def _imports(package: Path) -> Finding:
    strangers = sorted({f"{file.name}: {name}" for file in package.rglob("*.py") for name in _forbidden(file)})
    detail = (
        f"outside {_SDK}, or of its testing part: {'; '.join(strangers)}" if strangers else f"only {_SDK} of the hub"
    )
    return Finding("imports", not strangers, detail)


def _forbidden(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if f"{name}.".startswith("integrations_hub.") and not _of_sdk(name))


def _of_sdk(name: str) -> bool:
    return f"{name}.".startswith(f"{_SDK}.") and not f"{name}.".startswith(f"{_SDK}.testing.")


def _kit(folder: Path) -> Finding:
    """Run the connector's tests in a process of their own."""
    with TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.xml"
        settings = ["-c", "pyproject.toml", "-o", "pythonpath=.", "-p", "no:cacheprovider", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", *settings, "tests"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
        cases = list(ET.parse(report).iter("testcase")) if report.exists() else []  # noqa: S314 - pytest's own
    lines = (run.stdout + run.stderr).strip().splitlines()
    if run.returncode:
        # what pytest itself could not begin has no case: its last words then
        said = [sentence for case in cases for sentence in _failure(case)] or lines[-_TAIL:]
        return Finding("conformance", False, "\n  ".join(["the tests do not pass:", *said]))  # noqa: FBT003 - as above
    if _CASE not in {case.get("name") for case in cases}:
        return Finding("conformance", False, f"no test is a subclass of {_SDK}.testing.ConformanceKit.")  # noqa: FBT003 - as above
    return Finding("conformance", True, lines[-1].strip("= "))  # noqa: FBT003 - as above


def _failure(case: ET.Element) -> Iterator[str]:
    for failure in (*case.iter("failure"), *case.iter("error")):
        sentence = failure.get("message", "").removeprefix("Failed: ").partition("\n")[0]
        yield f"{case.get('name')}: {sentence}"
