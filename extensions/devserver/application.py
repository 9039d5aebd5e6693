"""The platform over HTTP, as `extensions/api/platform.openapi.yaml` describes it."""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from devserver.behaviour import Behaviour
from devserver.callers import Callers
from devserver.operations import OPERATIONS, Call, Operation
from devserver.pages import add_pages
from devserver.platform import Platform
from devserver.refusals import Refusal

__all__ = ["Tenants", "create_app"]

_BASE = "/api/v1"
_LARGEST_BODY = 64 * 1024
_TRACE = re.compile(r"[0-9a-f]{2}-(?P<id>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
_UNAUTHENTICATED, _INTERNAL = 401, 500
_log = logging.getLogger(__name__)


class Tenants:
    """Each tenant has a platform of its own, made when it first calls."""

    def __init__(self, new_platform: Callable[[], Platform]) -> None:
        """Make platforms with this."""
        self._new, self._lock = new_platform, threading.Lock()
        self._platforms: dict[str, Platform] = {}

    def platform(self, tenant: str) -> Platform:
        """Return a tenant's platform."""
        with self._lock:
            if tenant not in self._platforms:
                self._platforms[tenant] = self._new()
            return self._platforms[tenant]


def create_app(callers: Callers, tenants: Tenants, *, integrations: Mapping[str, str], behaviour: Behaviour) -> Flask:
    """Build the application. `integrations` leads from an integration's name to its id in the hub."""
    app = Flask("devserver", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.url_map.strict_slashes = False

    def answer_of(operation: Operation) -> Callable[..., Response]:
        def answer(**path: str) -> Response:
            time.sleep(behaviour.delay_s)
            if wait := behaviour.quota.wait():
                raise _TooMany(wait)
            caller = callers.caller(request, operation.scope)
            if operation.listing in behaviour.not_offered:
                status = behaviour.not_offered_status
                raise Refusal("NOT_OFFERED", f"This server does not list {operation.listing}.", status)
            call = Call(caller.subject, tenants.platform(caller.tenant), integrations)
            body = behaviour.body(operation.perform(call, **path))
            return Response(body, operation.status, mimetype="application/json")

        return answer

    for operation in OPERATIONS:
        app.add_url_rule(
            _BASE + operation.path,
            operation.perform.__name__,
            answer_of(operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    add_pages(app)
    app.register_error_handler(Exception, lambda error: _error(error, behaviour))
    return app


class _TooMany(Refusal):
    """The quota is used up; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__("TOO_MANY_REQUESTS", f"Too many requests. Wait {wait} seconds.", 429)
        self.wait = wait


def _error(error: Exception, behaviour: Behaviour) -> Response:
    refusal = _refusal(error)
    body, media_type = behaviour.error(refusal.status, refusal.code, refusal.sentence, _trace_id())
    answer = Response(body, refusal.status, content_type=media_type)
    if refusal.status == _UNAUTHENTICATED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, _TooMany):
        answer.headers["Retry-After"] = str(refusal.wait)
    if isinstance(error, HTTPException):
        answer.headers.extend([header for header in error.get_headers() if header[0] == "Allow"])
    return answer


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException) and error.code:
        return Refusal(error.name.upper().replace(" ", "_"), error.description or error.name, error.code)
    _log.error("a call failed", exc_info=error)
    return Refusal("INTERNAL", "This is a fault of the development platform; its window says more.", _INTERNAL)


def _trace_id() -> str:
    sent = _TRACE.fullmatch(request.headers.get("traceparent", ""))
    return sent["id"] if sent else secrets.token_hex(16)
