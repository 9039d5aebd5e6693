"""The parts of the OpenAPI document that no route declares: problems, and what headers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["HEADERS", "PROBLEM", "PROBLEM_HEADERS", "REQUEST_HEADERS", "Json"]

Json: TypeAlias = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "instance", "code", "traceId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to change."},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string"},
        "traceId": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "With 422: where the input is wrong, as JSON pointers, never the input itself.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}

HEADERS: Mapping[str, str] = {
    "X-Request-Id": "Names this exchange in the logs; the caller's own when it sent a usable one.",
    "Retry-After": "Seconds after which to try again.",
    "ETag": "The strong tag of this answer: the version and a hash.",
    "Location": "Where the new resource is.",
    "WWW-Authenticate": "Which token is asked for, and what is wrong with the one that was sent (RFC 6750 §3).",
    "Link": 'The next page, as rel="next" (RFC 8288).',
    "RateLimit-Limit": "How many such calls a tenant may make in a minute.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until they are all there again.",
}

REQUEST_HEADERS: Mapping[str, Json] = {
    "Idempotency-Key": {
        "description": "Makes a repetition safe for 24 hours: the same key and body get the first answer.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "If-Match": {
        "description": "The ETag of what is to be changed, or `*`; only its version part is compared.",
        "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,18}(\.[0-9a-f]{8})?")$'},
    },
    "If-None-Match": {
        "description": "ETags of answers the caller has: 304 when one of them is still right.",
        "schema": {"type": "string"},
    },
    "X-Test-Receipt": {
        "description": "The receipt of testing this very body, at most ten minutes ago.",
        "schema": {"type": "string"},
    },
}

PROBLEM_HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    503: ("Retry-After",),
}
