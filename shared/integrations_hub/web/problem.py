"""Every error as RFC 9457 `application/problem+json`: one mapper, and nothing in it that could be a secret."""

from __future__ import annotations

import json
from urllib.parse import quote

from integrations_hub.errors import HubError, Invalid, Unauthenticated, Unavailable
from integrations_hub.web.messages import Request, Response

__all__ = ["MEDIA_TYPE", "TYPE_PREFIX", "foreseen", "problem"]

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:stella-ops:integrations:problem:"
_INSTANCE_LENGTH = 256
_COME_BACK_S = 5


def foreseen(error: Exception) -> HubError:
    """Return the refusal an exception stands for; anything unforeseen is `internal` and says nothing else."""
    if isinstance(error, HubError):
        return error
    return HubError("The hub could not answer. Give its operators the traceId.")


def problem(error: HubError, request: Request) -> Response:
    """Answer a refusal, with the headers its status calls for."""
    members: dict[str, object] = {
        **error.extras.members,
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": quote(request.path[:_INSTANCE_LENGTH], safe="/", errors="replace"),
        "code": error.code,
        "traceId": request.trace_id,
    }
    if isinstance(error, Invalid):
        members["errors"] = [{"pointer": wrong.pointer, "detail": wrong.detail} for wrong in error.violations]
    body = json.dumps(members, separators=(",", ":"), default=str).encode()
    headers = {"Content-Type": MEDIA_TYPE, **_usual_headers(error), **error.extras.headers}
    return Response(error.status, headers, body)


def _usual_headers(error: HubError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}  # RFC 6750 §3
    if isinstance(error, Unavailable):
        return {"Retry-After": str(_COME_BACK_S)}
    return {}
