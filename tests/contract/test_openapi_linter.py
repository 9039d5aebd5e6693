"""The OpenAPI documents pass a linter nobody of this project wrote."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.node_tools import node_modules

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "tests" / "tools" / "redocly"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@pytest.mark.parametrize("document", ["infra/openapi.json", "extensions/api/platform.openapi.yaml"])
def test_the_document_passes_redocly_without_a_warning(document: str) -> None:
    redocly = node_modules("redocly") / ".bin" / "redocly"
    command = [redocly, "lint", ROOT / document, "--config", RULES / "redocly.yaml", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **QUIET})
    report = json.loads(done.stdout)
    assert [f"{one['ruleId']}: {one['message']}" for one in report["problems"]] == []
    assert done.returncode == 0, done.stderr
