"""An aiohttp application served on 127.0.0.1 from a thread of its own, as simulated providers need it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable

from aiohttp import web

__all__ = ["ThreadServer"]

_STARTING_S = 10


class ThreadServer:
    """Serves what `make` makes, anew with each start. It logs nothing: requests carry credentials."""

    def __init__(self, make: Callable[[], web.Application]) -> None:
        """Hold how the application is made; nothing is opened."""
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Serve; return the origin.

        Raises:
            OSError: the port is taken.
        """
        bound: list[int] = []
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(port, tls, bound, ready)), daemon=True)
        self._thread.start()
        ready.wait(_STARTING_S)
        if not bound:
            raise OSError("the simulated provider could not bind its port")
        return f"{'https' if tls else 'http'}://127.0.0.1:{bound[0]}"

    def stop(self) -> None:
        """Stop serving and wait until the port is free; nothing happens when it is stopped already."""
        if self._loop and self._stop and self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_STARTING_S)

    async def _serve(self, port: int, tls: ssl.SSLContext | None, bound: list[int], ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._make(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
            bound.append(runner.addresses[0][1])
            ready.set()
            await self._stop.wait()
        finally:
            ready.set()
            await runner.cleanup()
