"""template.yaml as SAM and CloudFormation read it, and the tools that judge it (`make tools` installs them)."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

__all__ = ["QUIET", "ROOT", "TEMPLATE", "processed", "run_tool", "tool_path"]

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
TOOLS = ROOT / "tests" / "tools"
QUIET = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}
_PINS = {"sam": "aws-sam-cli", "checkov": "checkov"}
Template = Mapping[str, Any]


def processed(path: Path = TEMPLATE) -> Template:
    """Return what CloudFormation makes of the template."""
    return _processed(path, path.read_text())


@cache
def _processed(path: Path, _text: str) -> Template:
    done = run_tool("sam", "python", str(TOOLS / "sam" / "process.py"), str(path))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_tool(tool: str, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a tool's own environment at the project's root; skip the test where it is not installed."""
    whole = [str(tool_path(tool, command)), *arguments]
    return subprocess.run(whole, cwd=ROOT, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False)


def tool_path(tool: str, command: str) -> Path:
    """Return a command of a tool's own environment; skip the test where it is not installed."""
    pins = (TOOLS / tool / "requirements.txt").read_text()
    found = re.search(rf"^{_PINS[tool]}==(\S+)", pins, re.MULTILINE)
    assert found
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = cache_folder / "integrations-hub" / f"{tool}-{found[1]}" / "bin" / command
    if not program.exists():
        pytest.skip(f"{_PINS[tool]} not installed: make tools")
    return program
