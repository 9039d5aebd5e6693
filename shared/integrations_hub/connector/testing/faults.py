"""What can be wrong with an answer; each fault is a coroutine function of a request and the provider's own handler."""

from __future__ import annotations

import asyncio
import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress

from aiohttp import web
from multidict import CIMultiDict

from integrations_hub.connector.testing.server import Fault
from integrations_hub.connector.testing.subject import Handler

__all__ = [
    "BODY_LIMIT",
    "answer",
    "drip",
    "echo",
    "error",
    "gzip_bomb",
    "hang",
    "huge",
    "redirect",
    "reset",
    "rewritten",
]

BODY_LIMIT = 1 << 16  # bytes; the kit's own, so that a flood is short
_FLOOD = 16 * BODY_LIMIT
_PIECE = b" " * (1 << 16)
_PLAIN_FIELDS = {"host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "connection"}


def answer(body: bytes, media_type: str = "application/json", status: int = 200) -> Fault:
    """Return a fault that always answers the same."""

    async def respond(_request: web.Request, _handler: Handler) -> web.Response:
        return web.Response(body=body, status=status, content_type=media_type)

    return respond


def error(make: Callable[[], web.Response], fields: Mapping[str, str] | None = None) -> Fault:
    """Return a fault that answers with the provider's own error and these header fields."""

    async def respond(_request: web.Request, _handler: Handler) -> web.Response:
        response = make()
        response.headers.update(fields or {})
        return response

    return respond


def redirect(location: Callable[[web.Request], str], status: int = 302) -> Fault:
    """Return a fault that redirects."""

    async def respond(request: web.Request, _handler: Handler) -> web.Response:
        return web.Response(status=status, headers={"Location": location(request)})

    return respond


def echo(status: int) -> Fault:
    """Return a fault that says back what it was sent, as a careless provider does: fields, login pair and body."""

    async def respond(request: web.Request, _handler: Handler) -> web.Response:
        said = [value for name, value in request.headers.items() if name.lower() not in _PLAIN_FIELDS]
        said += [value.partition(" ")[2] for value in said]
        with suppress(ValueError):
            login = b64decode(request.headers.get("Authorization", "").partition(" ")[2], validate=True).decode()
            said += [login, login.partition(":")[2]]
        said.append((await request.read()).decode("utf-8", "replace"))
        return web.json_response({"message": f"refused: {' / '.join(said)}"}, status=status)

    return respond


async def hang(_request: web.Request, _handler: Handler) -> web.Response:
    """Say nothing, until whoever asked is gone."""
    await asyncio.Event().wait()
    raise web.HTTPRequestTimeout


async def drip(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Answer at once, and then one byte at a time without end."""
    response = await _begun(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def huge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the provider's own answer, and then spaces: JSON all the same, for whoever reads to the end."""
    own = await _own(request, handler)
    response = await _begun(request)
    with suppress(ConnectionError):
        await response.write(_body(own))
        for _ in range(_FLOOD // len(_PIECE)):
            await response.write(_PIECE)
    return response


async def gzip_bomb(request: web.Request, handler: Handler) -> web.Response:
    """Give the provider's own answer and spaces, packed: little to send, and JSON for whoever unpacks it all."""
    own = await _own(request, handler)
    packed, headers = gzip.compress(_body(own) + b" " * _FLOOD, compresslevel=1), {"Content-Encoding": "gzip"}
    return web.Response(body=packed, status=own.status, content_type="application/json", headers=headers)


async def reset(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Break the connection in the middle of the body."""
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"cut":')
    if request.transport:
        request.transport.abort()
    raise asyncio.CancelledError


def rewritten(
    body: Callable[[object], object] | None = None,
    fields: Callable[[web.Request, CIMultiDict[str]], None] | None = None,
) -> Fault:
    """Return a fault that changes the provider's own answer: its JSON document, its header fields, or both."""

    async def respond(request: web.Request, handler: Handler) -> web.StreamResponse:
        own = await handler(request)
        if not isinstance(own, web.Response) or not isinstance(own.body, bytes):
            return own
        text, headers = own.body, CIMultiDict(own.headers)
        with suppress(ValueError):
            if body:
                text = json.dumps(body(json.loads(text))).encode()
        if fields:
            fields(request, headers)
        headers.popall("Content-Length", None)
        return web.Response(body=text, status=own.status, headers=headers)

    return respond


async def _begun(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response


async def _own(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        return refusal


def _body(own: web.StreamResponse) -> bytes:
    return own.body if isinstance(own, web.Response) and isinstance(own.body, bytes) else b""
