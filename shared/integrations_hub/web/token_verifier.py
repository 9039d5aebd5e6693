"""Verify the Authority's access tokens: JWT (RFC 7519) under the rules of RFC 8725 and RFC 9068 §4."""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from integrations_hub.errors import HubError
from integrations_hub.web.authentication import refused_token
from integrations_hub.web.jwks import ALGORITHMS, KeySource
from integrations_hub.web.strict_json import strict_json

if TYPE_CHECKING:
    from jwt import PyJWTError

__all__ = ["LEEWAY_S", "TokenVerifier"]

LEEWAY_S = 60
_REMEMBERED, _REMEMBERED_S = 1000, 30.0
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

_SENTENCES = {
    "ExpiredSignatureError": "The token has expired. Get a new one from the Authority.",
    "ImmatureSignatureError": "The token is not valid yet. Compare the clocks of the Authority and the hub.",
    "InvalidAudienceError": "The token is for another audience. Ask the Authority for this service's.",
    "InvalidIssuerError": "The token is from another issuer.",
    "InvalidSignatureError": "The token's signature does not verify.",
    "MissingRequiredClaimError": "The token lacks one of the claims exp, iss, aud.",
}


class TokenVerifier:
    """Tells the Authority's tokens from all others. Safe to share between threads; opens nothing until first used."""

    def __init__(
        self, issuer: str, audience: str, *, jwks_url: str | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """Name who issues tokens and whom they are for; `clock` ages what is remembered, not the tokens.

        Raises:
            ValueError: a URL is not https, nor http on loopback.
        """
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._keys = KeySource(issuer, jwks_url, clock=clock)
        self._verified: dict[bytes, tuple[Mapping[str, object], float]] = {}

    def verify(self, token: str) -> Mapping[str, object]:
        """Return the token's claims; one verified within the last half minute is not verified again until it expires.

        Raises:
            Unauthenticated: the token does not verify; the sentence says what is wrong with it.
            Unavailable: the Authority's keys were never read and cannot be now.
        """
        digest, now = sha256(token.encode()).digest(), self._clock()
        claims, until = self._verified.get(digest, ({}, 0.0))
        if now >= until:
            claims = self._checked(token)
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified[digest] = claims, min(now + _REMEMBERED_S, cast("float", claims["exp"]))
        return claims

    def _checked(self, token: str) -> Mapping[str, object]:
        """Verify a token. Its header chooses among our keys by `kid`; it never brings one (jwk, jku, x5u)."""
        algorithm, kid = _header(token)
        _part(token, 1)
        key = self._keys.key(kid, algorithm)
        if key is None:
            raise refused_token("The token is signed with a key the Authority does not publish.")
        import jwt  # noqa: PLC0415 - brings cryptography; behind an authorizer it is never needed

        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as fault:
            raise refused_token(_sentence(fault)) from None


def _header(token: str) -> tuple[str, str | None]:
    """Return algorithm and key id of a token that is worth looking up a key for."""
    if not _COMPACT.fullmatch(token):
        raise refused_token("The token is not a signed JWT.")
    header = _part(token, 0)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise refused_token(f"The token must be signed with {', '.join(ALGORITHMS)}.")
    if "crit" in header or "b64" in header:
        raise refused_token("The token's header demands an extension this service does not know.")  # RFC 7515 §4.1.11
    if kid is not None and not isinstance(kid, str):
        raise refused_token("The token's kid is not text.")
    return algorithm, kid


def _part(token: str, index: int) -> dict[str, object]:
    """Read a part of the token strictly: a claim given twice has no meaning two readers would agree on."""
    part = token.split(".")[index]
    try:
        document = strict_json(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, HubError):
        raise refused_token("The token's parts are not unambiguous JSON objects.") from None
    if not isinstance(document, dict):
        raise refused_token("The token's parts are not JSON objects.")
    return document


def _sentence(fault: PyJWTError) -> str:
    return _SENTENCES.get(type(fault).__name__, "The token cannot be verified.")
