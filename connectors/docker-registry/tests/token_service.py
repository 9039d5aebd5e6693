"""A token service: it knows users and what each may pull, and signs tokens with a certificate the registry trusts.

https://distribution.github.io/distribution/spec/auth/token/ and https://distribution.github.io/distribution/spec/auth/jwt/.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
import trustme

__all__ = ["ISSUER", "SERVICE", "TokenService"]

ISSUER, SERVICE = "tests", "registry of the tests"


@dataclass
class TokenService:
    """One token service. `grants` says which scopes each user may have; "" is everybody without a login."""

    users: dict[str, str] = field(repr=False)
    grants: dict[str, frozenset[str]]
    signer: trustme.CA = field(default_factory=trustme.CA)
    tls: trustme.LeafCert | None = None
    answer: tuple[int, bytes] | None = None
    asked: list[Mapping[str, list[str]]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list, repr=False)
    url: str = ""

    def __enter__(self) -> Self:
        """Serve from a thread of its own."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_raised: object) -> None:
        """Stop, and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def trust(self, folder: Path, realm: str = "") -> dict[str, object]:
        """Return what a registry's config says to believe this service."""
        self.signer.cert_pem.write_to_path(folder / "issuer.pem")
        where = realm or f"{self.url}/token/"
        return {
            "token": {
                "realm": where,
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(folder / "issuer.pem"),
            }
        }

    def token(self, user: str, scopes: list[str]) -> str:
        """Sign a token for as much of the scopes as the user may have."""
        leaf = self.signer.issue_cert("issuer.tests")
        granted = [scope for scope in scopes if scope in self.grants.get(user, frozenset())]
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": user,
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 60,
            "jti": str(uuid4()),
            "access": [
                {"type": kind, "name": name, "actions": [action]}
                for kind, name, action in (scope.split(":") for scope in granted)
            ],
        }
        certificate = base64.b64encode(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())).decode()
        return jwt.encode(claims, leaf.private_key_pem.bytes(), "ES256", headers={"x5c": [certificate]})

    def respond(self, query: Mapping[str, list[str]], authorization: str) -> tuple[int, bytes]:
        """Return status and body of one request."""
        self.asked.append(query)
        self.logins.append(authorization)
        if self.answer is not None:
            return self.answer
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (authorization and self.users.get(user) != password) or user not in self.grants:
            return 401, b'{"details":"incorrect username or password"}'
        given: dict[str, Any] = {"token": self.token(user, query.get("scope", [])), "expires_in": 60}
        return 200, json.dumps(given).encode()


def _handler(service: TokenService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            found = parts.path == "/token/"
            status, body = service.respond(parse_qs(parts.query), self.headers.get("Authorization", ""))
            self.send_response(status if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Say nothing: requests carry credentials."""

    return Handler
