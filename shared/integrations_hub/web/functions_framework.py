"""The functions-framework face's letters: a flask request in, what flask takes as an answer out.

Flask itself is imported for the one answer it would add to: one without a body.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Protocol, TypeAlias

from integrations_hub.web.messages import Request, Response, incoming

if TYPE_CHECKING:
    from flask import Response as FlaskResponse

__all__ = ["Answer", "FlaskRequest", "from_flask", "to_answer"]

Answer: TypeAlias = "tuple[bytes, int, list[tuple[str, str]]] | FlaskResponse"

_CHUNK = 64 * 1024
_DRAINED = 8 * 1024 * 1024
_NO_CONTENT = 204


class Headers(Protocol):
    """The part of werkzeug's headers that is read."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return name and value of each header."""


class FlaskRequest(Protocol):
    """The part of `flask.Request` that is read, and the stream that is replaced."""

    stream: IO[bytes]

    @property
    def method(self) -> str:
        """The method, upper-cased."""

    @property
    def path(self) -> str:
        """The path, percent-decoded, without the query."""

    @property
    def headers(self) -> Headers:
        """The headers."""

    @property
    def query_string(self) -> bytes:
        """The query as it was sent."""


def from_flask(request: FlaskRequest, max_body: int) -> Request:
    """Read a flask request, of its body at most one byte more than the limit, in bytes."""
    return incoming(
        method=request.method,
        path=request.path,
        headers=request.headers.items(),
        query=request.query_string.decode("utf-8", "surrogateescape"),
        body=_body(request, max_body),
    )


def to_answer(response: Response) -> Answer:
    """Write an answer as flask takes it; of one to HEAD it sends the length and keeps the body (`werkzeug` does)."""
    if response.status == _NO_CONTENT:
        return _without_type(response)
    return response.body, response.status, list(response.headers.items())


def _without_type(response: Response) -> FlaskResponse:
    """Write an answer that has no body: flask would call it text/html."""
    from flask import Response as FlaskResponse  # noqa: PLC0415 - never on Lambda

    answer = FlaskResponse(status=response.status, headers=list(response.headers.items()))
    answer.headers.remove("Content-Type")
    return answer


def _body(request: FlaskRequest, max_body: int) -> bytes:
    """Read up to the limit; drop a few MiB beyond it, so that the client is still there to read its 413.

    After the answer the framework reads what is left into memory (`read_request`): it finds an empty stream.
    """
    body = request.stream.read(max_body + 1)
    dropped = len(body) - max_body
    while 0 < dropped < _DRAINED and (chunk := request.stream.read(_CHUNK)):
        dropped += len(chunk)
    request.stream = io.BytesIO()
    return body
