"""A function that only reads schemas pays for no HTTP client at its cold start."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "integrations_hub.connector.contract",
        "integrations_hub_github",
        "integrations_hub_harbor",
        "integrations_hub_in_memory",
    ],
)
def test_knowing_a_connector_imports_no_http_client(module):
    code = f"import sys, {module}; print(sorted({{'aiohttp', 'asyncio', 'yarl', 'cryptography', 'ssl'}} & set(sys.modules)))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "[]"
