"""Turn one handler into the two functions the runtimes call.

    lambda_handler, http = expose(list_integrations, "GET", "/api/v1/integrations", scope=READ, query=ListQuery,
                                  answers={200: IntegrationPage, 304: None})

A route's name is its handler's name; a handler called `handler` takes the name of its folder. Both faces are plain
functions (functions-framework takes nothing else) and carry their `route`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from pydantic import BaseModel

from integrations_hub.caller import Caller
from integrations_hub.web import aws_lambda, functions_framework
from integrations_hub.web.authentication import authenticate as bearer
from integrations_hub.web.call import BodyT, Call, QueryT
from integrations_hub.web.endpoint import Endpoint
from integrations_hub.web.messages import Request, Response
from integrations_hub.web.routing import MAX_BODY, NoBody, NoQuery, Route

__all__ = ["HttpFace", "LambdaFace", "expose"]


class LambdaFace(Protocol):
    """What AWS Lambda calls with an event of API Gateway."""

    route: Route

    def __call__(self, event: Mapping[str, object], context: object) -> aws_lambda.Answer:
        """Answer one event."""


class HttpFace(Protocol):
    """What functions-framework calls with a flask request."""

    route: Route

    def __call__(self, request: functions_framework.FlaskRequest) -> functions_framework.Answer:
        """Answer one request."""


def expose(
    handler: Callable[[Call[QueryT, BodyT]], Response],
    method: str,
    path: str,
    *,
    scope: str | None,
    query: type[QueryT] = NoQuery,  # type: ignore[assignment]  # the handler's annotation says the same
    body: type[BodyT] = NoBody,  # type: ignore[assignment]
    answers: Mapping[int, type[BaseModel] | str | None] | None = None,
    other_media_types: tuple[str, ...] = (),
    problems: tuple[int, ...] = (),
    headers: tuple[str, ...] = (),
    request_headers: tuple[str, ...] = (),
    max_body: int = MAX_BODY,
    internal: bool = False,
    authenticate: Callable[[Request], Caller] = bearer,
) -> tuple[LambdaFace, HttpFace]:
    """Return `(lambda_handler, http)`, both answering `method path` with the handler.

    `scope=None` asks for no token. `authenticate` tells who calls; by default the composition root's verifier does.
    """
    route = Route(
        name=_name(handler),
        method=method,
        path=path,
        scope=scope,
        query=query,
        body=body,
        answers=answers or {200: None},
        other_media_types=other_media_types,
        problems=problems,
        summary=_first_line(handler),
        headers=headers,
        request_headers=request_headers,
        max_body=max_body,
        internal=internal,
    )
    return _faces(Endpoint(route, handler, query, body, authenticate))


def _faces(endpoint: Endpoint[QueryT, BodyT]) -> tuple[LambdaFace, HttpFace]:
    def lambda_handler(event: Mapping[str, object], _context: object) -> aws_lambda.Answer:
        request = aws_lambda.from_event(event)
        return aws_lambda.to_answer(request, endpoint.answer(request))

    def http(request: functions_framework.FlaskRequest) -> functions_framework.Answer:
        incoming = functions_framework.from_flask(request, endpoint.route.max_body)
        return functions_framework.to_answer(endpoint.answer(incoming))

    on_lambda, on_http = cast("LambdaFace", lambda_handler), cast("HttpFace", http)
    on_lambda.route = on_http.route = endpoint.route
    return on_lambda, on_http


def _name(handler: Callable[..., object]) -> str:
    return handler.__name__ if handler.__name__ != "handler" else Path(handler.__code__.co_filename).parent.name


def _first_line(handler: Callable[..., object]) -> str:
    return (handler.__doc__ or "").strip().partition("\n")[0]
