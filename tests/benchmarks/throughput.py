"""Requests per second of one function behind functions-framework, against its own hello-world."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.table import Row
from tests.support.functions import FUNCTIONS
from tests.support.hub import Hub
from tests.support.waiting import eventually, is_served

CONNECTIONS, REQUESTS, ROUNDS = 8, 1_500, 3
TENANT = "bench"
HELLO = "def http(request):\n    return 'Hello, World!'\n"


def throughput(hub: Hub) -> list[Row]:
    """Serve all with gunicorn as functions-framework starts it, load them by turns, and compare medians."""
    token = hub.token(tenant=TENANT)
    items = hub.call("GET", "/api/v1/integrations", token=token).json()["items"]
    path, headers = f"/api/v1/integrations/{items[0]['id']}", f"Authorization: Bearer {token}\r\n"
    with TemporaryDirectory() as folder:
        hello = Path(folder) / "main.py"
        hello.write_text(HELLO)
        with (
            _served(FUNCTIONS / "get_integration" / "main.py") as read,
            _served(FUNCTIONS / "get_liveness" / "main.py") as alive,
            _served(hello) as baseline,
        ):
            asked = ((read, path, headers), (alive, "/healthz", ""), (baseline, "/", ""))
            rates = [[asyncio.run(_rate(*one)) for one in asked] for _ in range(ROUNDS)]
    reading, living, greeting = (median(column) for column in zip(*rates, strict=True))
    return [
        Row("get_liveness / hello-world", living, greeting, "req/s", ">= 0.5"),
        Row("get_integration (token, PostgreSQL) / hello-world", reading, greeting, "req/s", ">= 0.5"),
    ]


@contextmanager
def _served(source: Path) -> Iterator[int]:
    """Serve a function's HTTP face on loopback; yield the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "functions_framework", "--target", "http", "--source", str(source)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: is_served(port), 30)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def _rate(port: int, path: str, headers: str) -> float:
    """Send REQUESTS over CONNECTIONS that are kept alive; return requests per second."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()
    await asyncio.gather(*(_ask(port, request, 20) for _ in range(CONNECTIONS)))
    started = perf_counter()
    await asyncio.gather(*(_ask(port, request, REQUESTS // CONNECTIONS) for _ in range(CONNECTIONS)))
    return REQUESTS / (perf_counter() - started)


async def _ask(port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head[:80]
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
