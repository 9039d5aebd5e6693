"""What `make tools` installs by npm, each folder of tests/tools by the versions its package.json pins."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

__all__ = ["node_modules"]

ROOT = Path(__file__).resolve().parents[2]


def node_modules(folder: str) -> Path:
    """Return where the packages of a folder of tests/tools are; skip the test where they are not installed."""
    package = json.loads((ROOT / "tests" / "tools" / folder / "package.json").read_text())
    pinned = {**package["devDependencies"], **package.get("optionalDependencies", {})}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    installed = cache / "integrations-hub" / "-".join([folder, *pinned.values()]) / "node_modules"
    if not installed.exists():
        pytest.skip(f"{', '.join(pinned)} not installed: make tools (needs npm)")
    return installed
