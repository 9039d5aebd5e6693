"""Answers with an entity tag, and pages as JSON or NDJSON: how a view becomes a response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import quote

from pydantic import BaseModel
from pydantic_core import to_json

from integrations_hub.web.etags import etag, if_none_match
from integrations_hub.web.messages import Request, Response

__all__ = ["Page", "document", "entity", "page_answer"]

_JSON = "application/json"
_NDJSON = "application/x-ndjson"


class Page(Protocol):
    """A page of a list."""

    @property
    def items(self) -> Sequence[BaseModel]:
        """Return what the page holds."""

    @property
    def next_page_token(self) -> str | None:
        """Return the token of the next page."""


def entity(
    request: Request,
    view: object,
    *,
    version: int = 0,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer a view with its strong tag `"<version>.<hash of the answer>"`; 304 to a GET whose If-None-Match has it."""
    return document(request, to_json(view, by_alias=True), version=version, status=status, headers=headers)


def document(
    request: Request,
    body: bytes,
    *,
    version: int = 0,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer JSON text with its strong tag; 304 to a GET whose If-None-Match has it."""
    tag = etag(version, body)
    if request.method in {"GET", "HEAD"} and if_none_match(request, tag):
        return Response(304, {"ETag": tag})
    return Response(status, {"Content-Type": _JSON, "ETag": tag, **(headers or {})}, body)


def page_answer(request: Request, page: Page) -> Response:
    """Answer a page as JSON, or one item a line to `Accept: application/x-ndjson`; `Link` leads on (RFC 8288)."""
    headers = {"Vary": "Accept"}
    if page.next_page_token:
        kept = [(name, value) for name, value in request.query if name != "page_token"]
        query = "&".join(
            f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in [*kept, ("page_token", page.next_page_token)]
        )
        headers["Link"] = f'<?{query}>; rel="next"'
    if _NDJSON in request.headers.get("accept", ""):
        lines = b"".join(to_json(item, by_alias=True) + b"\n" for item in page.items)
        return Response(200, {"Content-Type": _NDJSON, **headers}, lines)
    return Response(200, {"Content-Type": _JSON, **headers}, to_json(page, by_alias=True))
