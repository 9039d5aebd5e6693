"""A cold start is mostly imports: what every function imports must not bring a server, a client or cryptography."""

import subprocess
import sys

HEAVY = [
    "aiohttp",
    "asyncio",
    "boto3",
    "cryptography",
    "flask",
    "functions_framework",
    "http.client",
    "jwt",
    "opentelemetry",
    "psycopg",
    "sqlalchemy",
    "ssl",
    "urllib.request",
]


def test_importing_web_brings_nothing_heavy() -> None:
    program = f"import sys, integrations_hub.web; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
