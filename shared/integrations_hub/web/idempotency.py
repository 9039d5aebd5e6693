"""The Idempotency-Key header: a client's promise that a repeated request is the same request."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from integrations_hub.catalog.model import IdempotencyKey
from integrations_hub.errors import BadRequest
from integrations_hub.web.call import Call

__all__ = ["idempotency_key"]

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(call: Call[Any, Any]) -> IdempotencyKey | None:
    """Return the caller's key for this route and body; None when none was sent.

    Raises:
        BadRequest: it is not 1 to 255 printable ASCII characters without spaces.
    """
    key = call.request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadRequest("Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.")
    route = f"{call.request.method} {call.request.path.removesuffix('/')}"
    return IdempotencyKey(key, route, sha256(call.raw_body).digest())
