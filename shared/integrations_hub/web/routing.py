"""The route table's rows, and how a path finds its row.

A template is `/api/v1/integrations/{integration_id}`. A path's trailing slash is answered as if absent, and where
two templates fit, the one whose fixed word comes first wins: `/integrations/summary` is never an id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from integrations_hub.errors import Extras, MethodNotAllowed, NotFound

__all__ = ["MAX_BODY", "NoBody", "NoQuery", "Route", "find"]

MAX_BODY = 256 * 1024


class NoBody(BaseModel, frozen=True):
    """The body of a call that reads none; what is sent anyway is not looked at."""


class NoQuery(BaseModel, frozen=True):
    """The query of a call that takes no parameters; any parameter is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one function answers: the single description its faces, the gateway and the OpenAPI document share.

    `answers` maps a status to the model of its JSON, to a media type (`"text/html"`), or to None for no body.
    `other_media_types` are what such JSON can be had as, too. `problems` are statuses beyond those every such route
    can answer. `headers` and `request_headers` are names.
    `max_body` is in bytes. An `internal` route is for the operator: no gateway mounts it, and no document names it.
    """

    name: str
    method: str
    path: str
    scope: str | None
    query: type[BaseModel] = NoQuery
    body: type[BaseModel] = NoBody
    answers: Mapping[int, type[BaseModel] | str | None] = field(default_factory=lambda: {200: None})
    other_media_types: tuple[str, ...] = ()
    problems: tuple[int, ...] = ()
    summary: str = ""
    headers: tuple[str, ...] = ()
    request_headers: tuple[str, ...] = ()
    max_body: int = MAX_BODY
    internal: bool = False

    def match(self, path: str) -> dict[str, str] | None:
        """Return the path's parameters, or None where the path is another one's; none has what cannot be printed."""
        words, given = _segments(self.path), _segments(path)
        if len(words) != len(given):
            return None
        params: dict[str, str] = {}
        for word, value in zip(words, given, strict=True):
            if word.startswith("{") and value.isprintable() and value:
                params[word[1:-1]] = value
            elif word != value:
                return None
        return params


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route that answers, and the path's parameters. HEAD is answered by GET's route.

    Raises:
        NotFound: no template fits the path.
        MethodNotAllowed: one does, for other methods; they are in `Allow` (RFC 9110 §15.5.6).
    """
    fitting = [(route, params) for route in routes if (params := route.match(path)) is not None]
    if not fitting:
        raise NotFound("There is nothing at this path.")
    most_fixed = min(_wildcards(route) for route, _ in fitting)
    best = [(route, params) for route, params in fitting if _wildcards(route) == most_fixed]
    wanted = "GET" if method == "HEAD" else method
    for route, params in best:
        if route.method == wanted:
            return route, params
    allow = ", ".join(sorted(_allowed({route.method for route, _ in best})))
    raise MethodNotAllowed(f"This path answers {allow}.", extras=Extras(headers={"Allow": allow}))


def _segments(path: str) -> list[str]:
    return path.removesuffix("/").split("/")


def _wildcards(route: Route) -> tuple[bool, ...]:
    return tuple(word.startswith("{") for word in _segments(route.path))


def _allowed(methods: set[str]) -> set[str]:
    return methods | {"HEAD"} if "GET" in methods else methods
