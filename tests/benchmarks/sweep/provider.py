"""A provider that costs next to nothing: keeps connections alive and answers each request with one small document.

python -m tests.benchmarks.sweep.provider PORTS MEDIAN_MS
"""

from __future__ import annotations

import asyncio
import random
import sys

_BODY = b'{"product": "fast", "version": "1.0"}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
_SPREAD = 0.6  # of the logarithm of a latency: one in a hundred takes four times the median


class Provider(asyncio.Protocol):
    """Answers every request alike, late when it has a latency."""

    def __init__(self, median_s: float) -> None:
        self._median_s = median_s
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for _ in range(data.count(b"\r\n\r\n")):
            if self._median_s:
                late_s = self._median_s * random.lognormvariate(0, _SPREAD)
                asyncio.get_running_loop().call_later(late_s, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(_ANSWER)


async def serve(ports: int, median_s: float) -> None:
    """Listen on so many ports of 127.0.0.1, write them, and serve until killed."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: Provider(median_s), "127.0.0.1", 0, backlog=1024) for _ in range(ports)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
