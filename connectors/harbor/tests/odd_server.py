"""Servers that are something else than Harbor, or mean harm: bytes over real sockets on 127.0.0.1."""

import asyncio
from contextlib import asynccontextmanager, suppress

from .harbor_hub import asking

__all__ = ["against", "answered", "like_harbor", "server", "with_length"]


def answered(head, body=b""):
    return b"HTTP/1.1 " + head.encode().replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


def with_length(head, body):
    return answered(f"{head}\nContent-Length: {len(body)}", body)


@asynccontextmanager
async def server(respond):
    """Serve `respond(path, request) -> bytes`, or a coroutine function (path, writer), on a port of its own."""
    seen, writers = [], set()

    async def handle(reader, writer):
        writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                seen.append(request)
                path = request.split()[1].decode()
                if asyncio.iscoroutinefunction(respond):
                    await respond(path, writer)
                else:
                    writer.write(respond(path))
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", seen
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def against(respond, kind=None, **options):
    """Check what answers so, or list what it has of a kind; return that, and the requests it was sent."""

    async def meet():
        async with server(respond) as (url, seen):
            ours = asking(url).but(**options)
            return await (ours.discovered(kind) if kind else ours.checked()), seen

    return asyncio.run(meet())


def like_harbor(path, systeminfo):
    """Answer as Harbor up to the request that decides on the credential."""
    if "/robots?" in path:
        return with_length("403 Forbidden\nContent-Type: application/json", b'{"errors":[]}')
    if path.endswith("/ping"):
        return with_length("200 OK", b"Pong")
    if path.endswith("/health"):
        return with_length("200 OK\nContent-Type: application/json", b'{"status":"healthy","components":[]}')
    return systeminfo
