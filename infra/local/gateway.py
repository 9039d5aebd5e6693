"""Every function behind one address: each one's own functions-framework application, mounted by its own route.

What runs here is what is deployed: the gateway reads a request's path, and nothing else of it. Jobs, and the function
that runs connectors, have no path; they are run by posting a CloudEvent to their application inside the process.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import functions_framework
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response as WsgiResponse

from integrations_hub.errors import HubError
from integrations_hub.web.messages import Request, incoming
from integrations_hub.web.problem import problem
from integrations_hub.web.routing import Route, find

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

__all__ = ["Function", "Gateway", "load_functions"]

_ENVIRONMENT = ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE")


@dataclass(frozen=True, slots=True)
class Function:
    """One folder of functions/, as functions-framework serves it; a job has no route, nor has what runs connectors."""

    name: str
    app: Flask
    route: Route | None = None


def load_functions(folder: Path) -> Sequence[Function]:
    """Load every function of a folder, in order of name."""
    return [_load(source) for source in sorted(folder.glob("*/main.py"))]


class Gateway:
    """The WSGI application that hands each request to the function whose route it is."""

    def __init__(self, functions: Iterable[Function], *, internal: bool = False) -> None:
        """Mount the functions that have a route: the public ones, or those that only the operator may reach."""
        self._mounted: Mapping[str, tuple[Route, WSGIApplication]] = {
            function.name: (function.route, function.app)
            for function in functions
            if function.route and function.route.internal is internal
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; an unknown path is 404, a method no function of the path has is 405."""
        request = WsgiRequest(environ)
        try:
            route, _ = find([route for route, _ in self._mounted.values()], request.method, request.path)
        except HubError as refused:
            return _refusal(refused, request)(environ, start_response)
        return self._mounted[route.name][1](environ, start_response)


def _load(source: Path) -> Function:
    """Build the application of one `main.py`.

    functions-framework leaves traces meant for a process of one function: the module `main`, its folder on
    `sys.path`, and two variables that would choose the signature of the next one.
    """
    target = _target(source)
    path, before = list(sys.path), {name: os.environ.pop(name, None) for name in _ENVIRONMENT}
    try:
        signature = "http" if target == "http" else "cloudevent"
        app = cast("Flask", functions_framework.create_app(target, str(source), signature))  # type: ignore[no-untyped-call]
        module = sys.modules.pop("main")
    finally:
        sys.path[:] = path
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})
    route = cast("Route | None", getattr(module.http, "route", None)) if target == "http" else None
    return Function(source.parent.name, app, route)


def _target(source: Path) -> str:
    """Return which of its two faces a function has: `http`, or a job's `cloud_event`; without running it."""
    nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return "http" if "http" in stored else "cloud_event"


def _refusal(refused: HubError, request: WsgiRequest) -> WsgiResponse:
    """Answer as a function would."""
    asked: Request = incoming(
        method=request.method, path=request.path, headers=request.headers.items(), query="", body=b""
    )
    answer = problem(refused, asked)
    usual = {"X-Request-Id": asked.request_id, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return WsgiResponse(answer.body, answer.status, {**answer.headers, **usual})
