"""The development platform over HTTP, with the development Authority it takes tokens from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from devserver.application import Tenants, create_app
from devserver.behaviour import Behaviour
from devserver.callers import AUDIENCE, Callers
from devserver.progress import Timing
from devserver.seed import seeded
from local.authority import Authority
from local.authority import serve as serve_authority
from local.server import listen, serve
from tests.support.hub import Answer
from tests.support.sign_in import with_keys

__all__ = ["HARBOR", "RunningPlatform", "running_platform"]

HARBOR = "6f1d2a52-64a6-4e0f-9f5e-0a1d2b3c4d5e"
TIMING = Timing(pending_s=1, approved_s=2, deploying_s=6)


@dataclass
class RunningPlatform:
    """One platform whose clock a test puts forward."""

    url: str
    authority: Authority
    now: list[float] = field(repr=False)

    def token(self, subject: str = "alice", scopes: tuple[str, ...] = (), **claims: Any) -> str:
        every = ("release:read", "promotion:read", "promotion:write", "promotion:approve")
        return self.authority.mint("acme", scopes or every, subject, **{"aud": AUDIENCE, **claims})

    def call(self, method: str, path: str, body: object = None, *, by: str = "alice", **headers: str) -> Answer:
        """Send one request as a person; `Authorization` replaces their token, and empty leaves it out."""
        sent = {"Authorization": f"Bearer {self.token(by)}", "Content-Type": "application/json", **headers}
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        with closing(HTTPConnection(self.url.removeprefix("http://"), timeout=10)) as connection:
            connection.request(method, f"/api/v1{path}", raw, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def get(self, path: str, *, by: str = "alice") -> Any:
        """Return the data of an answer."""
        answer = self.call("GET", path, by=by)
        assert answer.status == 200, answer.body
        return answer.json()["data"]

    def promote(self, release: str, environment: str, *, by: str = "alice") -> Any:
        draft = {"releaseId": release, "targetEnvironmentId": environment, "reason": "to see it there"}
        answer = self.call("POST", "/promotions", draft, by=by)
        assert answer.status == 201, answer.body
        return answer.json()["data"]


@contextmanager
def running_platform(
    state: Path, behaviour: Behaviour | None = None, tenants: Tenants | None = None
) -> Iterator[RunningPlatform]:
    authority = Authority(with_keys(state))
    issuer = serve_authority(authority)
    now = [1_800_000_000.0]
    tenants = tenants or Tenants(lambda: seeded(lambda: now[0], TIMING))
    app = create_app(
        Callers(authority.issuer), tenants, integrations={"harbor": HARBOR}, behaviour=behaviour or Behaviour()
    )
    server = serve(listen(0), app)
    try:
        yield RunningPlatform(server.url, authority, now)
    finally:
        server.stop()
        issuer.stop()
