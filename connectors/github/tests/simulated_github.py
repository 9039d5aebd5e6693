"""A simulated GitHub over real HTTP on 127.0.0.1: what an App's check sees of github.com, and of an Enterprise Server.

Behaviour after https://docs.github.com/en/rest/apps/apps. It has its own clock, which may be shifted, and judges an
App's token by it. The token is verified by PyJWT, which the connector does not use.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate

import jwt
from aiohttp import web

__all__ = ["Installation", "RegisteredApp", "SimulatedGitHub"]

DOCUMENTATION = "https://docs.github.com/rest"
LEVELS = ("read", "write", "admin")
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Refused(Exception):
    """An error in GitHub's form: status and message."""


@dataclass(slots=True)
class RegisteredApp:
    id: int
    client_id: str
    public_key: bytes
    slug: str = "hub"


@dataclass(slots=True)
class Installation:
    id: int
    app_id: int
    account: str = "octocorp"
    permissions: dict[str, str] = field(default_factory=lambda: {"metadata": "read", "contents": "write"})
    suspended: bool = False


@dataclass(slots=True)
class IssuedToken:
    installation_id: int
    expires_at: float
    permissions: dict[str, str]


@dataclass(slots=True)
class SimulatedGitHub:
    """One GitHub. Its state may be changed from any thread while it runs; the next answer shows it."""

    apps: list[RegisteredApp]
    installations: list[Installation]
    server: bool = False
    clock_shift_s: float = 0.0
    token_life_s: float = 3600.0
    rate_limiting: bool = True
    remaining: int = 4990
    latency_s: float = 0.0
    # by path below the root, or "*": status, header fields and body to answer instead
    instead: dict[str, tuple[int, Mapping[str, str], str]] = field(default_factory=dict)
    # the path below the root that is refused with all that came in its Authorization field
    echoing: str = ""
    requests: list[str] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)
    tokens: dict[str, IssuedToken] = field(default_factory=dict)
    url: str = ""
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None
    _thread: threading.Thread | None = None

    def now(self) -> float:
        return time.time() + self.clock_shift_s

    def count(self, request: str) -> int:
        return self.requests.count(request)

    def start(self) -> None:
        """Serve from a thread of its own."""
        bound: list[int] = []
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(bound, ready)), daemon=True)
        self._thread.start()
        ready.wait(10)
        self.url = f"http://127.0.0.1:{bound[0]}"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self, bound: list[int], ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            bound.append(runner.addresses[0][1])
            ready.set()
            await self._stop.wait()
        finally:
            ready.set()
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        root = "/api/v3/" if self.server else "/"
        path = request.path.removeprefix(root) if request.path.startswith(root) else None
        self.requests.append(f"{request.method} {path}")
        self.credentials.add(request.headers.get("Authorization", "").removeprefix("Bearer "))
        await asyncio.sleep(self.latency_s)
        odd = self.instead.get(path or "") or self.instead.get("*")
        if odd:
            response = web.Response(status=odd[0], headers=odd[1], body=odd[2].encode())
        else:
            try:
                response = await self._route(request, path)
            except Refused as refused:
                response = error(*refused.args)
            response.headers["X-GitHub-Request-Id"] = secrets.token_hex(8)
        response.headers["Date"] = formatdate(self.now(), usegmt=True)
        return response

    async def _route(self, request: web.Request, path: str | None) -> web.Response:
        self._judge_fields(request, path)
        if (request.method, path) == ("GET", "rate_limit"):
            return self._rate_limit(request)
        app, asked = self._app(request), (request.method, path)
        if asked == ("GET", "app"):
            return web.json_response({"id": app.id, "client_id": app.client_id, "slug": app.slug, "name": "The hub"})
        for one in self.installations:
            if one.app_id == app.id and asked == ("GET", f"app/installations/{one.id}"):
                return web.json_response(self._document(one))
            if one.app_id == app.id and asked == ("POST", f"app/installations/{one.id}/access_tokens"):
                return self._mint(one, await request.json() if request.can_read_body else {})
        raise Refused(404, "Not Found")

    def _judge_fields(self, request: web.Request, path: str | None) -> None:
        if request.headers.get("X-GitHub-Api-Version") != "2022-11-28":
            raise Refused(400, "this version of the API is not supported")
        if request.headers.get("Accept") != "application/vnd.github+json":
            raise Refused(415, "Unsupported 'Accept' header")
        if path == self.echoing:
            bearer = request.headers["Authorization"]
            raise Refused(403, f"{'x' * 400} {bearer} {bearer.removeprefix('Bearer ')} {'x' * 400}")

    def _app(self, request: web.Request) -> RegisteredApp:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            app = next((app for app in self.apps if issuer in {str(app.id), app.client_id}), None)
            if app is None:
                raise Refused(404, "Integration not found")
            by_our_own_clock = {"verify_exp": False, "verify_iat": False}
            claims = jwt.decode(token, app.public_key, algorithms=["RS256"], options=by_our_own_clock)
        except jwt.InvalidTokenError:
            raise Refused(401, "A JSON web token could not be decoded") from None
        self._judge_time(claims)
        return app

    def _judge_time(self, claims: Mapping[str, object]) -> None:
        issued, ends, now = claims["iat"], claims["exp"], self.now()
        if not isinstance(issued, int) or issued > now:
            raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
        if not isinstance(ends, int) or ends <= now:
            raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
        if ends > now + 600:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")

    def _document(self, one: Installation) -> dict[str, object]:
        return {
            "id": one.id,
            "app_id": one.app_id,
            "account": {"login": one.account},
            "permissions": one.permissions,
            "suspended_at": "2026-01-01T00:00:00Z" if one.suspended else None,
        }

    def _mint(self, one: Installation, wish: Mapping[str, dict[str, str]]) -> web.Response:
        if one.suspended:
            raise Refused(403, "This installation has been suspended")
        permissions = wish.get("permissions", one.permissions)
        for name, level in permissions.items():
            if one.permissions.get(name) not in LEVELS[LEVELS.index(level) :]:
                raise Refused(422, "The permissions requested are not granted to this installation.")
        token, expires_at = f"ghs_{one.app_id}_{secrets.token_urlsafe(60)}", self.now() + self.token_life_s
        self.tokens[token] = IssuedToken(one.id, expires_at, permissions)
        ends = datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": token, "expires_at": ends, "permissions": permissions}, status=201)

    def _rate_limit(self, request: web.Request) -> web.Response:
        issued = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if issued is None or issued.expires_at <= self.now():
            raise Refused(401, "Bad credentials")
        if not self.rate_limiting:
            raise Refused(404, "Rate limiting is not enabled.")
        core = {"limit": 5000, "used": 5000 - self.remaining, "remaining": self.remaining, "reset": int(self.now()) + 9}
        return web.json_response({"resources": {"core": core, "search": {}}, "rate": core})


def error(status: int, message: str) -> web.Response:
    body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
    return web.json_response(body, status=status)
