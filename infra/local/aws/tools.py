"""Where the tools of the AWS side are: installed by `make tools`, by version, in the user's cache folder."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path

__all__ = ["ROOT", "ToolMissing", "runtime", "runtime_emulator", "runtime_packages", "tool"]

ROOT = Path(__file__).resolve().parents[3]
_MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class ToolMissing(Exception):
    """A tool is not installed; the message names the command that installs it."""


def runtime() -> str:
    """Return this interpreter's minor version, as layers are built for it here: `3.11`."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def tool(folder: str, package: str, program: str) -> Path:
    """Return the program of a package that has an environment of its own, pinned in tests/tools/<folder>.

    Raises:
        ToolMissing: it is not installed.
    """
    return _there(_cache() / f"{folder}-{_pinned(folder, package)}" / "bin" / program, program)


def runtime_emulator() -> Path:
    """Return AWS's Lambda runtime interface emulator for this machine, as the SAM command line carries it.

    Raises:
        ToolMissing: it is not installed.
    """
    rapid = "lib/python3*/site-packages/samcli/local/rapid"
    machine = _MACHINES.get(platform.machine(), platform.machine())
    home = tool("sam", "aws-sam-cli", "sam").parents[1]
    found = sorted(home.glob(f"{rapid}/aws-lambda-rie-{machine}"))
    return _there(found[0] if found else home / rapid, "the runtime interface emulator")


def runtime_packages() -> Path:
    """Return the folder of what Lambda's Python runtimes bring, `awslambdaric` and boto3, for this interpreter.

    Raises:
        ToolMissing: it is not installed.
    """
    versions = "-".join(_pinned("lambda-runtime", package) for package in ("awslambdaric", "boto3"))
    return _there(_cache() / f"lambda-runtime-{versions}-python{runtime()}", "Lambda's runtime")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "integrations-hub"


def _pinned(folder: str, package: str) -> str:
    lock = (ROOT / "tests" / "tools" / folder / "requirements.txt").read_text()
    found = re.search(rf"^{re.escape(package)}(?:\[[^]]*\])?==(\S+)", lock, re.MULTILINE)
    assert found, f"tests/tools/{folder}/requirements.txt does not pin {package}"
    return found.group(1)


def _there(path: Path, what: str) -> Path:
    if not path.exists():
        raise ToolMissing(f"{what} is not installed: make tools")
    return path
