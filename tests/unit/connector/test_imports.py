"""A function that only reads schemas pays for no HTTP client at its cold start."""

import subprocess
import sys
from pathlib import Path

import pytest

CONNECTORS = sorted(path.name for path in (Path(__file__).parents[3] / "connectors").glob("*/integrations_hub_*"))


@pytest.mark.parametrize("module", ["integrations_hub.connector.contract", *CONNECTORS])
def test_knowing_a_connector_imports_no_http_client(module):
    code = f"import sys, {module}; print(sorted({{'aiohttp', 'asyncio', 'yarl', 'cryptography', 'ssl'}} & set(sys.modules)))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "[]"
