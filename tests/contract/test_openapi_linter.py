"""The OpenAPI document passes a linter nobody of this project wrote."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "tests" / "tools" / "redocly"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def redocly() -> Path:
    """Return the linter as `make tools` installs it."""
    version = json.loads((RULES / "package.json").read_text())["devDependencies"]["@redocly/cli"]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "integrations-hub" / f"redocly-{version}" / "node_modules" / ".bin" / "redocly"


def test_the_document_passes_redocly_without_a_warning() -> None:
    if not redocly().exists():
        pytest.skip("redocly is not installed: make tools (needs npm)")
    document, rules = ROOT / "infra" / "openapi.json", RULES / "redocly.yaml"
    command = [redocly(), "lint", document, "--config", rules, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **QUIET})
    report = json.loads(done.stdout)
    assert [f"{one['ruleId']}: {one['message']}" for one in report["problems"]] == []
    assert done.returncode == 0, done.stderr
