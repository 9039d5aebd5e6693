"""Authorization codes with PKCE (RFC 6749 §4.1, RFC 7636): S256 only, one use, one minute, in memory."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from local.authority.grant import Grant
from local.authority.refused import Refused
from local.authority.short_lived import ShortLived

__all__ = ["CHALLENGE", "Code", "Codes"]

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 in base64url
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CODE_S = 60.0


@dataclass(slots=True)
class Code:
    """What a code stands for; `family` is that of the refresh tokens which come of it."""

    grant: Grant
    redirect_uri: str
    challenge: str
    family: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    used: bool = False


class Codes:
    """The codes that are out. A used one is remembered while it could have lived, to know a replay."""

    def __init__(self, clock: Callable[[], float], replayed: Callable[[str], None]) -> None:
        """Tell `replayed` the family of a code that comes a second time (RFC 6749 §4.1.2)."""
        self._codes: ShortLived[Code] = ShortLived(_CODE_S, clock)
        self._replayed = replayed
        self._lock = threading.Lock()

    def issue(self, code: Code) -> str:
        """Return the code to send back."""
        return self._codes.put(code)

    def redeem(self, name: str, client_id: str, redirect_uri: str, verifier: str) -> Code:
        """Return what the code stands for, once. A wrong try uses it up as well.

        Raises:
            Refused: `invalid_grant`.
        """
        with self._lock:
            code = self._codes.get(name)
            again = code is not None and code.used
            if code is not None:
                code.used = True
        if code is not None and again:
            self._replayed(code.family)
        if code is None or again or code.grant.client_id != client_id or code.redirect_uri != redirect_uri:
            raise Refused("invalid_grant", "The code is unknown, used, older than a minute, or not this client's.")
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_s256(verifier), code.challenge):
            raise Refused("invalid_grant", "The code_verifier is not the one of the code_challenge.")
        return code


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")
