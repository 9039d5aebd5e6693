"""Build and package the stack with the SAM command line, and process it with AWS's own SAM translator, all offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.aws.emulator import Emulator
from local.aws.tools import ROOT, runtime, tool

__all__ = ["CannotBuild", "build", "is_current", "package"]

_SAID = 3000
_BUILT_FROM = ("shared", "connectors")


class CannotBuild(Exception):
    """The stack could not be built or packaged; the message ends with what the tool said."""


def build(out: Path, *, offline: bool = False) -> Path:
    """Run `sam build` for this machine and this interpreter; return the built template.

    Raises:
        CannotBuild: what the tool said.
        ToolMissing: it is not installed.
    """
    variables = {"RUNTIME": runtime(), "ARCH": os.uname().machine, "PYTHON": sys.executable}
    if offline:
        variables["PIP_FLAGS"] = "--no-build-isolation --no-index"
    _sam("build", "--build-dir", str(out), "--cache-dir", str(out.with_name(f"{out.name}-cache")), variables=variables)
    return out / "template.yaml"


def is_current(built: Path) -> bool:
    """Tell whether a template was built after the last change of what goes into it."""
    sources = [path for folder in _BUILT_FROM for path in (ROOT / folder).rglob("*") if path.suffix != ".pyc"]
    newest = max(path.stat().st_mtime for path in [*sources, ROOT / "template.yaml"] if path.is_file())
    return built.exists() and built.stat().st_mtime > newest


def package(built: Path, emulator: Emulator, bucket: str) -> dict[str, Any]:
    """Upload what was built to a bucket of the emulator; return the template as CloudFormation processes it.

    Raises:
        CannotBuild: what the tool said.
        ToolMissing: it is not installed.
    """
    packaged = built.with_name("packaged.yaml")
    names = ("--template-file", str(built), "--s3-bucket", bucket, "--output-template-file", str(packaged))
    _sam("package", *names, variables=emulator.environment)
    python = tool("sam", "aws-sam-cli", "python")
    processed: dict[str, Any] = json.loads(_run([str(python), "tests/tools/sam/process.py", str(packaged)], {}))
    return processed


def _sam(*arguments: str, variables: Mapping[str, str]) -> None:
    _run([str(tool("sam", "aws-sam-cli", "sam")), *arguments], variables)


def _run(command: list[str], variables: Mapping[str, str]) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"{Path(command[0]).name} {command[1]} failed: {(done.stderr or done.stdout)[-_SAID:]}")
    return done.stdout
