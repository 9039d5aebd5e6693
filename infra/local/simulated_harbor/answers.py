"""How a simulated Harbor answers: errors in its form, pages by its rules, and whom a request is from."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence

from aiohttp import web

from local.simulated_harbor.state import Document

__all__ = ["Refused", "basic", "error", "page"]

_MOST = 100


class Refused(Exception):
    """Status, code and message of an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Hold what is answered."""
        super().__init__(status, code, message)
        self.answer = error(status, code, message)


def error(status: int, code: str, message: str) -> web.Response:
    """Return an error in Harbor's form."""
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=status)


def basic(field_value: str) -> tuple[str, str]:
    """Return name and secret of an Authorization field; both empty for any other than Basic."""
    kind, _, encoded = field_value.partition(" ")
    try:
        pair = b64decode(encoded, validate=True).decode() if kind.lower() == "basic" else ""
    except (NotBase64, UnicodeDecodeError):
        pair = ""
    name, _, secret = pair.partition(":")
    return name, secret


def page(request: web.Request, items: Sequence[Document]) -> web.Response:
    """Cut one page; the limits are the description's, refused as go-openapi refuses them: 422."""
    number, size = (request.query.get(name, default) for name, default in (("page", "1"), ("page_size", "10")))
    if not (number.isdigit() and size.isdigit()):
        raise Refused(422, "UNPROCESSABLE_ENTITY", "page in query must be of type int64")
    if int(size) > _MOST:
        raise Refused(422, "UNPROCESSABLE_ENTITY", "page_size in query should be less than or equal to 100")
    first = (max(int(number), 1) - 1) * int(size)
    shown = items[first : first + int(size)] if int(size) else items
    headers = {"X-Total-Count": str(len(items))}
    if first + int(size) < len(items):
        # relative and not escaped, as Harbor writes it
        headers["Link"] = f'<{request.path}?page={int(number) + 1}&page_size={size}>; rel="next"'
    return web.json_response(list(shown), headers=headers)
