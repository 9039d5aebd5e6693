"""A skipped test is listed with its reason, and is a failure where everything is required."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

SKIPS = """
import pytest

def test_passes():
    pass

@pytest.mark.skip(reason="the moon is not full")
def test_by_mark():
    pass

def test_inside():
    pytest.skip("the tide is out")

@pytest.mark.xfail(reason="known, and strict")
def test_expected_to_fail():
    assert False
"""
NOT_SHIPPED = """
from tests.support.skips import skip_not_shipped

def test_of_what_is_not_ours():
    skip_not_shipped("the document")
"""
WHOLE_FILE = 'import pytest\n\npytest.skip("it rains", allow_module_level=True)\n'


FILES = {"test_some.py": SKIPS, "test_whole.py": WHOLE_FILE}


def run(folder: Path, files: Mapping[str, str] = FILES, **environment: str) -> subprocess.CompletedProcess[str]:
    for name, content in files.items():
        (folder / name).write_text(content)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.skips", "-c", os.devnull, str(folder)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_REQUIRE", "PYTEST"))}
    return subprocess.run(command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False)


def test_skips_are_listed_at_the_end(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0
    listed = done.stdout.partition("skipped: 3")[2]
    for reason in ("test_by_mark: the moon is not full", "test_inside: the tide is out", "test_whole.py: it rains"):
        assert reason in listed


def test_with_everything_required_each_skip_is_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path, HUB_REQUIRE="all")
    assert done.returncode != 0
    for reason in ("it rains",):
        assert f"HUB_REQUIRE=all, but this was skipped: {reason}" in done.stdout


@pytest.mark.parametrize("reason", ["the moon is not full", "the tide is out"])
def test_a_required_test_that_is_skipped_fails_with_its_reason(tmp_path: Path, reason: str) -> None:
    done = run(tmp_path, HUB_REQUIRE="all", PYTEST_ADDOPTS="--continue-on-collection-errors")
    assert f"HUB_REQUIRE=all, but this was skipped: {reason}" in done.stdout
    assert "1 passed" in done.stdout
    assert "1 xfailed" in done.stdout


@pytest.mark.parametrize("required", ["", "all"])
def test_what_the_project_may_not_publish_is_listed_and_never_required(tmp_path: Path, required: str) -> None:
    done = run(tmp_path, {"test_other.py": NOT_SHIPPED}, HUB_REQUIRE=required)
    assert done.returncode == 0
    assert "test_of_what_is_not_ours: not shipped: the document" in done.stdout.partition("skipped: 1")[2]
