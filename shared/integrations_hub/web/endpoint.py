"""One function's answer to one request: what both faces share, so that they cannot differ."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Generic

from integrations_hub.caller import Caller
from integrations_hub.connector.redaction import one_call
from integrations_hub.errors import PayloadTooLarge
from integrations_hub.observability import metrics, traces
from integrations_hub.observability.logs import log_keys
from integrations_hub.observability.sinks import sinks
from integrations_hub.web.call import BodyT, Call, QueryT
from integrations_hub.web.claims import require_scope
from integrations_hub.web.messages import Request, Response
from integrations_hub.web.parse import parse_body, parse_path, parse_query
from integrations_hub.web.probes import answer_probe
from integrations_hub.web.problem import foreseen, problem
from integrations_hub.web.routing import Route, find

__all__ = ["Endpoint"]

_log = logging.getLogger(__name__)
_SERVER_FAULT = 500
_BODILESS = frozenset({204, 304})
_REFUSED = 400
_ON_SPANS = ("integrationId", "tenantId", "providerType", "action")


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[QueryT, BodyT]):
    """A handler, the route it answers, the models it is given, and who tells callers apart."""

    route: Route
    handler: Callable[[Call[QueryT, BodyT]], Response]
    query: type[QueryT]
    body: type[BodyT]
    authenticate: Callable[[Request], Caller]

    def answer(self, request: Request) -> Response:
        """Answer any request whatsoever; every fault becomes a problem, and one line is logged.

        HEAD is answered as GET: a face leaves the body out when it writes the answer (RFC 9110 §9.3.2).
        """
        started = perf_counter()
        named = log_keys(requestId=request.request_id, traceId=request.trace_id, action=self.route.name)
        name, parent = self.route.name, request.headers.get("traceparent")
        span = traces.begun(name, traces.Kind.SERVER, request.traceparent, parent)
        with one_call(), named as keys, traces.entered(span):
            try:
                response = answer_probe(request) if self._is_probe(request) else None
                response = response or self._respond(request, keys)
            except Exception as error:  # noqa: BLE001 - the outermost wall: whatever happens has an answer
                response = _refuse(error, request)
            response = _finish(request, response)
            elapsed = round((perf_counter() - started) * 1000, 3)
            fields = {"method": request.method, "route": self.route.path, "status": response.status}
            _log.info("request", extra={**fields, "durationMs": elapsed})
            span.attributes |= {name: keys[name] for name in _ON_SPANS if name in keys}
            span.attributes |= {"method": self.route.method, "route": self.route.path, "status": response.status}
        if not self._is_probe(request):
            self._tell(span, response)
        return response

    def _tell(self, span: traces.Span, response: Response) -> None:
        """Count the call and end its span."""
        action = metrics.CRUD_ACTIONS.get(self.route.name)
        if action and response.status < _REFUSED:
            metrics.count(metrics.CRUD, action)
        traces.end(span, failed=response.status >= _SERVER_FAULT)
        sinks().event_over()

    def _is_probe(self, request: Request) -> bool:
        return self.route.match(request.path) is None

    def _respond(self, request: Request, keys: dict[str, str]) -> Response:
        _, params = find([self.route], request.method, request.path)
        if len(request.body) > self.route.max_body:
            raise PayloadTooLarge(f"The body is over {self.route.max_body} bytes. Send less.")
        identity = self._identify(request)
        if identity:
            keys["tenantId"] = identity.tenant
        parse_path(params)
        if "integration_id" in params:
            keys["integrationId"] = params["integration_id"]
        query, body = parse_query(request.query, self.query), parse_body(request, self.body)
        response = self.handler(Call(replace(request, path_params=params), query, body, identity))
        if response.status < _REFUSED and isinstance(type_ := getattr(body, "type", None), str):
            keys["providerType"] = type_  # only now it is an installed one
        return response

    def _identify(self, request: Request) -> Caller | None:
        if self.route.scope is None:
            return None
        caller = self.authenticate(request)
        require_scope(caller, self.route.scope)
        return caller


def _refuse(error: Exception, request: Request) -> Response:
    """Write the cause of a fault of ours to the log, which redacts it, and answer without it."""
    refusal = foreseen(error)
    if refusal is not error and refusal.status == _SERVER_FAULT:
        _log.error("unforeseen", exc_info=error)
    elif refusal.status >= _SERVER_FAULT:
        _log.warning("unavailable", exc_info=error.__cause__, extra={"code": refusal.code})
    return problem(refusal, request)


def _finish(request: Request, response: Response) -> Response:
    """Add what every answer carries."""
    names = {name.lower() for name in response.headers}
    headers = {"X-Request-Id": request.request_id, "X-Content-Type-Options": "nosniff", **response.headers}
    if "cache-control" not in names:
        headers["Cache-Control"] = "private, no-cache" if "etag" in names else "no-store"
    if response.status in _BODILESS:
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    elif "content-type" not in names:
        headers["Content-Type"] = "application/json"  # werkzeug would call an empty answer text/html
    return Response(response.status, headers, response.body)
