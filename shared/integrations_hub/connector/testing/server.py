"""A real HTTP(S) server on 127.0.0.1 around a provider, which notes every request and can stand in its way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import TypeVar

from aiohttp import web
from aiohttp.typedefs import Middleware

from integrations_hub.connector.testing.subject import Handler

__all__ = ["Fault", "Seen", "Served", "serving"]

#: Answers in the provider's place: it is given the request and the provider's own handler.
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
ResultT = TypeVar("ResultT")
_STARTING_S = 30


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def text(self) -> str:
        """Return all of it as text."""
        fields = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.method} {self.target}\n{fields}\n\n{self.body.decode('utf-8', 'backslashreplace')}"


class Served:
    """A provider that is being served; from the request number `since` (0 is the first) on, a fault answers."""

    def __init__(self, provider: web.Application | Handler, fault: Fault | None, since: int) -> None:
        """Stand in front of the provider."""
        self.url = ""
        self.requests: list[Seen] = []
        self._fault, self._since = fault, since
        self.application = provider if isinstance(provider, web.Application) else _application(provider)
        self.application.middlewares.insert(0, self._gate())

    def _gate(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            body = await request.read()
            nth = len(self.requests)
            self.requests.append(Seen(request.method, request.raw_path, tuple(request.headers.items()), body))
            if self._fault and nth >= self._since:
                return await self._fault(request, handler)
            return await handler(request)

        return gate


@contextmanager
def serving(
    provider: web.Application | Handler,
    *,
    fault: Fault | None = None,
    since: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Served]:
    """Serve a provider on a port of its own, on a thread that belongs to the kit."""
    served = Served(provider, fault, since)
    listening = _Listening(served.application)
    served.url = f"{'https' if tls else 'http'}://127.0.0.1:{_on_loop(listening.begin(tls))}"
    try:
        yield served
    finally:
        _on_loop(listening.end())


class _Listening:
    """One listening socket and its connections, which are ours to close: one may be accepted while we close."""

    def __init__(self, application: web.Application) -> None:
        self.runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        self.sockets: asyncio.Server | None = None
        self.connections: list[web.RequestHandler] = []

    async def begin(self, tls: ssl.SSLContext | None) -> int:
        await self.runner.setup()
        loop = asyncio.get_running_loop()
        self.sockets = await loop.create_server(self.accept, "127.0.0.1", 0, ssl=tls)
        port: int = self.sockets.sockets[0].getsockname()[1]
        return port

    def accept(self) -> web.RequestHandler:
        assert self.runner.server
        self.connections.append(self.runner.server())
        return self.connections[-1]

    async def end(self) -> None:
        assert self.sockets
        # accept no more, and let what was accepted be made: a server closed before that leaves its socket open
        for one in self.sockets.sockets:
            asyncio.get_running_loop().remove_reader(one.fileno())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.sockets.close()
        await self.runner.cleanup()
        for connection in self.connections:
            if connection.transport:
                connection.transport.abort()


def _on_loop(work: Awaitable[ResultT]) -> ResultT:
    async def done() -> ResultT:
        return await work

    return asyncio.run_coroutine_threadsafe(done(), _loop()).result(_STARTING_S)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Start the servers' loop: not the connector's, so that one that blocks its own is found out."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="connector-kit", daemon=True).start()
    return loop


def _application(handler: Handler) -> web.Application:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    return application
