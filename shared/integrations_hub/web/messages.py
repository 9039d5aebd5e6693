"""What goes in and out of a handler, whatever runtime carries it: an immutable `Request` and a `Response`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pydantic_core import to_json

from integrations_hub.observability.trace_context import trace_id
from integrations_hub.observability.traces import ours

__all__ = ["Request", "Response", "incoming", "json_answer"]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower-cased; a header sent twice is joined with `, ` (RFC 9110 §5.2).

    `authorizer_claims` are claims the platform's own authorizer verified before us; only the Lambda face sets them.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    path_params: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""
    traceparent: str = ""
    authorizer_claims: Mapping[str, object] | None = None

    @property
    def trace_id(self) -> str:
        """Return the trace this request belongs to, as problems and logs name it."""
        return trace_id(self.traceparent)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. Header values are printable ASCII, so that no server underneath has to refuse them."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        """Refuse a header that would split the answer.

        Raises:
            ValueError: a header value holds a control character or is not ASCII; the value is not shown.
        """
        for name, value in self.headers.items():
            if not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"the value of header {name!r} is not printable ASCII")


def json_answer(status: int, payload: object, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a pydantic model, or anything made of plain values, as JSON: camelCase aliases, times in RFC 3339."""
    body = to_json(payload, by_alias=True, inf_nan_mode="null")
    return Response(status, {"Content-Type": "application/json", **(headers or {})}, body)


def incoming(
    *,
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]],
    query: str,
    body: bytes,
    authorizer_claims: Mapping[str, object] | None = None,
) -> Request:
    """Build a request as both faces do: names lower-cased, ids given, the raw query split into pairs.

    Undecodable bytes of a query become lone surrogates, which parsing refuses with a sentence.
    """
    joined: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
    asked = joined.get("x-request-id", "")
    return Request(
        method=method.upper(),
        path=path,
        headers=joined,
        query=tuple(parse_qsl(query, keep_blank_values=True, errors="surrogateescape")),
        body=body,
        request_id=asked if _REQUEST_ID.fullmatch(asked) else os.urandom(16).hex(),
        traceparent=ours(joined.get("traceparent")),
        authorizer_claims=authorizer_claims,
    )
