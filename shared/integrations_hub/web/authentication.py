"""From a request to its caller: claims the platform's authorizer verified, else a bearer token verified here."""

from __future__ import annotations

import re

from integrations_hub.caller import Caller
from integrations_hub.errors import Extras, Unauthenticated
from integrations_hub.web.claims import caller_of
from integrations_hub.web.composition import Verifier, composition
from integrations_hub.web.messages import Request

__all__ = ["MAX_TOKEN", "authenticate", "bearer_token", "refused_token"]

MAX_TOKEN = 16 * 1024
_BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)  # RFC 6750 §2.1


def authenticate(request: Request, verifier: Verifier | None = None) -> Caller:
    """Return who is calling. Without a verifier, the composition root's is asked.

    Raises:
        Unauthenticated, TenantRequired, TenantInvalid: the token is missing, wrong, or names no usable tenant.
        Unavailable: the Authority's keys cannot be had.
    """
    if request.authorizer_claims is not None:
        return caller_of(request.authorizer_claims)
    token = bearer_token(request)
    return caller_of((verifier or composition().token_verifier()).verify(token))


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header.

    Raises:
        Unauthenticated: there is none, it is not a bearer token, or it is over 16 KiB.
    """
    header = request.headers.get("authorization", "").strip()
    if not header:
        raise Unauthenticated("Send an access token of the Authority: Authorization: Bearer <token>.")
    if len(header) > MAX_TOKEN:
        raise refused_token(f"The token is over {MAX_TOKEN} bytes.")
    found = _BEARER.fullmatch(header)
    if found is None:
        raise refused_token("The Authorization header must be: Bearer <token>.")
    return found["token"]


def refused_token(detail: str) -> Unauthenticated:
    """Return the refusal of a token that was sent, with the challenge of RFC 6750 §3.1."""
    return Unauthenticated(detail, extras=Extras(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}))
