"""The hub's own HTTP API, called as any client would."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

__all__ = ["BASE", "Api", "ApiRefused"]

BASE = "/api/v1/integrations"
_TIMEOUT_S = 25


class ApiRefused(Exception):
    """The hub did not answer, or answered with a problem; the message says which."""


class Api:
    """One hub, called with a fresh token each time."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        """Remember where the hub is and who mints tokens."""
        self._url = url + BASE
        self._token = token
        self._opener = build_opener(ProxyHandler({}))  # a proxy has no business on loopback

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Return the JSON of an answer.

        Raises:
            ApiRefused: no answer, or a problem; with the problem's own sentence.
        """
        data = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json", **(headers or {})}
        request = Request(self._url + path, data, sent, method=method)  # noqa: S310 - our own address
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
                return dict(json.loads(answer.read() or b"{}"))
        except HTTPError as problem:
            with problem:
                raise ApiRefused(_detail(problem)) from None
        except (URLError, OSError) as away:
            raise ApiRefused(f"the hub does not answer ({getattr(away, 'reason', away)})") from None

    def page(self) -> list[Mapping[str, Any]]:
        """Return the first integrations, by name."""
        return list(self.call("GET", "")["items"])

    def find(self, name: str) -> Mapping[str, Any] | None:
        """Return the integration that bears a name."""
        found = self.call("GET", f"?q={quote(name)}&page_size=500")["items"]
        return next((one for one in found if one["name"] == name), None)


def _detail(problem: HTTPError) -> str:
    try:
        return f"{problem.code}: {json.loads(problem.read())['detail']}"
    except (ValueError, KeyError):
        return str(problem.code)
