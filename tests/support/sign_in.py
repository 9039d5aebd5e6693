"""A program that signs a person in at the Authority, over HTTP and with the steps an IDE takes."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from local.authority import Authority, serve
from local.authority.keys import KeyStore
from local.authority.state import load, save
from tests.support.browser import Browser, Page

__all__ = ["BOTH", "CLIENT", "REDIRECT", "Ide", "challenge_of", "claims", "running_authority", "with_keys"]

CLIENT = "vscode-stella-ops"
REDIRECT = "http://127.0.0.1:49152/callback"
SCOPES = (
    "offline_access release:read promotion:read promotion:write promotion:approve integration:read integration:operate"
)
BOTH = "stella-platform integrations-hub"


@contextmanager
def running_authority(state: Path, **options: Any) -> Iterator[Ide]:
    """Run an Authority whose clock the program can put forward."""
    now = [1_800_000_000.0]
    server = serve(Authority(with_keys(state), clock=lambda: now[0], **options))
    try:
        yield Ide(server.url, now)
    finally:
        server.stop()


def with_keys(state: Path) -> Path:
    """Give a state folder keys made before, where it has none."""
    if not (state / "keys.json").exists():
        save(state / "keys.json", _keys())
    return state


@cache
def _keys() -> Any:
    """Make keys once: it takes longer than most tests."""
    with TemporaryDirectory() as folder:
        KeyStore(Path(folder) / "keys.json")
        return load(Path(folder) / "keys.json")


class Ide:
    """The program."""

    def __init__(self, url: str, now: list[float]) -> None:
        self.url, self.now = url, now
        self.verifier = secrets.token_urlsafe(48)
        self.browser = Browser(url)

    def question(self, **changed: str) -> Page:
        """Open the authorization endpoint; a parameter changed to nothing is left out."""
        usual = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "audience": BOTH,
            "tenant": "acme",
            "state": "the-state",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        asked = {name: value for name, value in (usual | changed).items() if value}
        return self.browser.get("/oauth/authorize?" + urlencode(asked))

    def code(self, **changed: str) -> str:
        """Sign in and return the code."""
        return self.browser.decide(self.question(), **changed).sent_back()["code"]

    def redeem(self, code: str, **changed: str) -> tuple[int, dict[str, Any]]:
        usual = {"grant_type": "authorization_code", "client_id": CLIENT, "redirect_uri": REDIRECT}
        return self.post("/oauth/token", **{**usual, "code": code, "code_verifier": self.verifier, **changed})

    def signed_in(self, **changed: str) -> dict[str, Any]:
        """Sign in and return the tokens."""
        status, answer = self.redeem(self.code(**changed))
        assert status == 200, answer
        return answer

    def refresh(self, token: str, **changed: str) -> tuple[int, dict[str, Any]]:
        usual = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": token}
        return self.post("/oauth/token", **{**usual, **changed})

    def post(self, path: str, **form: str) -> tuple[int, dict[str, Any]]:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=5)
        connection.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        result = answer.status, json.loads(answer.read())
        connection.close()
        return result


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge by S256 (RFC 7636 §4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def claims(token: str) -> dict[str, Any]:
    """Read a token without verifying it."""
    part = token.split(".")[1]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read
