"""The stack as `sam build` makes it for this machine, built once per run, whichever worker asks first."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from local.aws.package import build
from local.aws.tools import ToolMissing, runtime_emulator, runtime_packages, tool

__all__ = ["built_stack", "lambda_tools"]


@pytest.fixture(scope="session")
def lambda_tools() -> None:
    """Skip what needs Lambda's runtime or the emulator where they are not installed."""
    try:
        runtime_emulator()
        runtime_packages()
        tool("ministack", "ministack", "ministack")
    except ToolMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def built_stack(lambda_tools: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built template."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    home = tmp_path_factory.getbasetemp()
    folder = (home.parent if run else home) / "sam-build"  # workers have a folder each, in one of the run's
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "template.yaml").exists():
            build(folder, offline=True)
    return folder / "template.yaml"
