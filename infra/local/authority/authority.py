"""The Authority itself: its keys, its clients, the tokens it mints, and the WSGI application that serves them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt

from local.authority.clients import Client, load_clients
from local.authority.codes import Codes
from local.authority.consents import Consents
from local.authority.devices import Devices
from local.authority.keys import LONGEST_TTL_S, KeyStore
from local.authority.refresh_tokens import RefreshTokens
from local.authority.scopes import AUDIENCES, SCOPES
from local.authority.token_endpoint import TTL_S
from local.authority.wsgi import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Authority"]


class Authority:
    """An issuer of access tokens. Two of the same state folder publish the same keys and know the same clients."""

    def __init__(
        self,
        state_dir: Path,
        *,
        issuer: str = "",
        clients: Sequence[Client] | None = None,
        clock: Callable[[], float] = time.time,
        poll_s: float = 5,
    ) -> None:
        """Open the state folder. `issuer` is the URL others reach it under; `serve` sets it where it is not given.

        `poll_s` is how many seconds apart a device may ask whether its person has decided.
        """
        self.issuer = issuer
        self.keys = KeyStore(state_dir / "keys.json", clock=clock)
        self.clients = load_clients(state_dir / "clients.json", clients)
        self.refresh_tokens = RefreshTokens(state_dir / "sign-ins.json", clock=clock)
        self.codes = Codes(clock, replayed=self.refresh_tokens.end)
        self.devices = Devices(clock, poll_s)
        self.consents = Consents(clock)
        self._clock = clock
        self._application = Application(self)

    def mint(
        self,
        tenant: str | None,
        scopes: Iterable[str] = SCOPES,
        subject: str = "hub-dev",
        ttl: float = TTL_S,
        *,
        alg: str = "RS256",
        **overrides: Any,
    ) -> str:
        """Return a signed access token (RFC 9068). `ttl` is in seconds; an override of None leaves its claim out.

        Raises:
            ValueError: `ttl` is longer than a retired key stays published.
        """
        if ttl > LONGEST_TTL_S:
            raise ValueError(f"a token lives {LONGEST_TTL_S} seconds at most")
        now = int(self._clock())
        claims = {
            "iss": self.issuer,
            "sub": subject,
            "aud": AUDIENCES[0],
            "iat": now,
            "nbf": now,
            "exp": int(now + ttl),
            "jti": secrets.token_urlsafe(12),
            "scope": " ".join(scopes),
            "client_id": subject,
            "stellaops:tenant": tenant,
        }
        kept = {name: value for name, value in (claims | overrides).items() if value is not None}
        key = self.keys.current(alg)
        return jwt.encode(kept, key.private_key(), algorithm=alg, headers={"kid": key.kid, "typ": "at+jwt"})

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._application(environ, start_response)
