"""Errors and lists in GitHub's form.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api and
https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from __future__ import annotations

from aiohttp import web

__all__ = ["Refused", "error", "page"]

DOCUMENTATION = "https://docs.github.com/rest"


class Refused(Exception):
    """Status, message, and for a 422 what is wrong."""


def error(status: int, message: str, wrong: str | None = None) -> web.Response:
    body: dict[str, object] = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
    if wrong:
        body["errors"] = [{"resource": "Hook", "code": "custom", "message": wrong}]
    return web.json_response(body, status=status)


def page(request: web.Request, root: str, documents: list[dict]) -> tuple[list[dict], dict[str, str]]:
    """Return the page of a list that is asked for, and the header fields that lead on."""
    size, number = min(int(request.query.get("per_page", 30)), 100), int(request.query.get("page", 1))
    begin, end = (number - 1) * size, number * size
    path = request.path.removeprefix("/api/v3").removeprefix("/")
    onward = f'<{root}/{path}?per_page={size}&page={number + 1}>; rel="next"'
    return documents[begin:end], {"Link": onward} if end < len(documents) else {}
