"""Who is calling: the Authority's tokens, verified as the hub verifies them, for the audience `stella-platform`."""

from __future__ import annotations

import re

from flask import Request

from devserver.refusals import Refusal
from integrations_hub.caller import Caller
from integrations_hub.errors import HubError
from integrations_hub.web.claims import caller_of
from integrations_hub.web.token_verifier import TokenVerifier

__all__ = ["AUDIENCE", "Callers"]

AUDIENCE = "stella-platform"
_BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)  # RFC 6750 §2.1


class Callers:
    """Tells who may call."""

    def __init__(self, issuer: str) -> None:
        """Take the tokens of this issuer.

        Raises:
            ValueError: the URL is not https, nor http on loopback.
        """
        self._verifier = TokenVerifier(issuer, AUDIENCE)

    def caller(self, request: Request, scope: str) -> Caller:
        """Return who is calling.

        Raises:
            Refusal: 401 without a token that verifies, 403 without the scope or a tenant.
        """
        bearer = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
        if bearer is None:
            raise Refusal("UNAUTHENTICATED", "Send an access token: Authorization: Bearer <token>.", 401)
        try:
            caller = caller_of(self._verifier.verify(bearer["token"]))
        except HubError as refused:
            raise Refusal(refused.code.upper(), refused.detail, refused.status) from None
        if scope not in caller.scopes:
            raise Refusal("SCOPE_MISSING", f"This call needs the scope {scope}. Sign in again and allow it.", 403)
        return caller
