"""A skipped test is listed with its reason, and is a failure where everything is required."""

import os
import subprocess
import sys
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
WHOLE_FILE = 'import pytest\n\npytest.skip("it rains", allow_module_level=True)\n'


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_some.py").write_text(SKIPS)
    (folder / "test_whole.py").write_text(WHOLE_FILE)
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
