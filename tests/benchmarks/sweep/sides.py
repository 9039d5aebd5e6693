"""The two others: a bare aiohttp loop, and prometheus-blackbox-exporter; and how fast a side is."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import quote

import aiohttp

from tests.support.waiting import eventually, is_served

__all__ = ["BLACKBOX", "bare_loop", "blackbox", "probing"]

BLACKBOX = "prometheus-blackbox-exporter"
_MODULES = "modules: {http_2xx: {prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4}}}\n"


def bare_loop(ports: Sequence[int], checks: int, connections: int) -> float:
    """Do the same two requests of so many checks, over as many connections; return checks per second."""
    return asyncio.run(_bare(ports, checks, connections))


async def _bare(ports: Sequence[int], checks: int, connections: int) -> float:
    waiting = iter(range(checks))
    headers = {"Authorization": "Bearer not-a-real-token-1"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def check() -> None:
            for n in waiting:
                base = f"http://127.0.0.1:{ports[n % len(ports)]}"
                async with session.get(f"{base}/version") as answer:
                    assert (await answer.json())["product"] == "fast"
                async with session.get(f"{base}/user", headers=headers) as answer:
                    assert answer.status == 200
                    await answer.read()

        started = perf_counter()
        await asyncio.gather(*(check() for _ in range(connections)))
        return checks / (perf_counter() - started)


@contextmanager
def blackbox() -> Iterator[int | None]:
    """Run blackbox on loopback; yield its port, None where it is not installed."""
    program = shutil.which(BLACKBOX)
    if program is None:
        yield None
        return
    with TemporaryDirectory() as folder, socket.socket() as free:
        config = Path(folder) / "blackbox.yml"
        config.write_text(_MODULES)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                eventually(lambda: is_served(port), 30)
                yield port
            finally:
                process.terminate()


def probing(blackbox_port: int, ports: Sequence[int], checks: int, connections: int) -> float:
    """Have blackbox probe twice per check, so many at once; return checks per second."""
    return asyncio.run(_probing(blackbox_port, ports, checks, connections))


async def _probing(blackbox_port: int, ports: Sequence[int], checks: int, connections: int) -> float:
    waiting = iter(range(checks))

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", blackbox_port)
        for n in waiting:
            for path in ("version", "user"):
                target = quote(f"http://127.0.0.1:{ports[n % len(ports)]}/{path}", safe="")
                request = f"GET /probe?module=http_2xx&target={target} HTTP/1.1\r\nHost: b\r\n\r\n"
                writer.write(request.encode())
                assert b"probe_success 1" in await _body(reader)
        writer.close()

    started = perf_counter()
    await asyncio.gather(*(ask() for _ in range(connections)))
    return checks / (perf_counter() - started)


async def _body(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" not in head:
        length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
        return await reader.readexactly(int(length.split(b":")[1]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
