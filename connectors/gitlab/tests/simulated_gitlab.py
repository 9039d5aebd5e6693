"""A simulated GitLab over real HTTP on 127.0.0.1: what a check sees of it, with tokens, scopes, ends and rate limits.

Behaviour after https://docs.gitlab.com/api/rest/ and https://docs.gitlab.com/api/personal_access_tokens/. A path may be
given an answer of its own, for what is not GitLab. It logs nothing: requests carry credentials.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime

from aiohttp import web

__all__ = ["AccessToken", "SimulatedGitLab"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DENIED = "The request requires higher privileges than provided by the access token."
REVOKED = "Token was revoked. You have to re-authorize from the user."
EXPIRED = "Token is expired. You can either do re-authorization or token refresh."


@dataclass(slots=True)
class AccessToken:
    """A token; `personal` also stands for those of projects and groups, which are of a bot user."""

    value: str = field(repr=False)
    scopes: tuple[str, ...] = ("read_api",)
    expires_at: date | None = None
    revoked: bool = False
    personal: bool = True


@dataclass(slots=True)
class SimulatedGitLab:
    """One GitLab, at the root or under a sub-path. Its state may be changed while it runs."""

    tokens: list[AccessToken] = field(default_factory=list)
    sub_path: str = ""
    limit: int | None = None
    observed: int = 0
    throttled: Mapping[str, str] | None = None
    failing: bool = False
    tells_tokens: bool = True
    instead: dict[str, tuple[int, str, str, Mapping[str, str]]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list, repr=False)
    url: str = ""
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None
    _thread: threading.Thread | None = None

    def start(self) -> str:
        """Serve from a thread of its own; return GitLab's address, without the API's path."""
        bound: list[int] = []
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(bound, ready)), daemon=True)
        self._thread.start()
        ready.wait(10)
        self.url = f"http://127.0.0.1:{bound[0]}{self.sub_path}"
        return self.url

    def stop(self) -> None:
        """Stop serving and wait until the port is free."""
        if self._loop and self._stop and self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    async def _serve(self, bound: list[int], ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application(middlewares=[self._middleware()])
        routes: dict[str, Handler] = {
            "version": self._version,
            "personal_access_tokens/self": self._self,
            "user": self._user,
            "projects": self._projects,
        }
        for path, handler in routes.items():
            application.router.add_get(f"{self.sub_path}/api/v4/{path}", handler)
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

    def _middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def before(request: web.Request, handler: Handler) -> web.StreamResponse:
            path = request.path.rpartition("/api/v4/")[2]
            self.requests.append(path)
            self.credentials.append(request.headers.get("PRIVATE-TOKEN", ""))
            if path in self.instead:
                status, kind, text, fields = self.instead[path]
                return web.Response(status=status, text=text, content_type=kind, headers=fields)
            if self.failing:
                return web.Response(status=503, text="GitLab is not responding", content_type="text/html")
            if self.throttled is not None:
                return web.Response(status=429, text='{"message": "Retry later', headers=self.throttled)
            answer = await self._answer(request, handler)
            answer.headers.update(self._quota())
            return answer

        return before

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return web.json_response({"error": "404 Not Found"}, status=404)
        except _Refused as refused:
            return refused.answer

    def _quota(self) -> Mapping[str, str]:
        if self.limit is None:
            return {}
        self.observed += 1
        told = {"Limit": self.limit, "Observed": self.observed, "Remaining": max(self.limit - self.observed, 0)}
        now = datetime.now(UTC).replace(microsecond=0)
        return {f"RateLimit-{name}": str(value) for name, value in told.items()} | {
            "RateLimit-Reset": str(int(now.timestamp()) + 60),
            "RateLimit-ResetTime": format_datetime(now, usegmt=True),
            "RateLimit-Name": "throttle_authenticated_api",
        }

    def _token(self, request: web.Request, *scopes: str) -> AccessToken:
        """Return the request's token, if it is valid and has one of the scopes."""
        value = request.headers.get("PRIVATE-TOKEN", "")
        token = next((one for one in self.tokens if one.value == value), None)
        if token is None:
            raise _Refused(401, {"message": "401 Unauthorized"})
        if token.revoked:
            raise _Refused(401, {"error": "invalid_token", "error_description": REVOKED})
        if token.expires_at and token.expires_at <= datetime.now(UTC).date():
            raise _Refused(401, {"error": "invalid_token", "error_description": EXPIRED})
        if scopes and not set(scopes) & set(token.scopes):
            description = {"error": "insufficient_scope", "error_description": DENIED, "scope": " ".join(scopes)}
            raise _Refused(403, description)
        return token

    async def _version(self, request: web.Request) -> web.Response:
        self._token(request, "api", "read_api", "read_user")
        return web.json_response({"version": "18.1.1-ee", "revision": "ceb07b24cb0"})

    async def _self(self, request: web.Request) -> web.Response:
        if not self.tells_tokens:
            raise web.HTTPNotFound
        token = self._token(request)
        if not token.personal:
            message = "400 Bad request - This endpoint requires token type to be a personal access token"
            raise _Refused(400, {"message": message})
        ends = token.expires_at.isoformat() if token.expires_at else None
        described = {"id": 4, "name": "hub", "revoked": False, "active": True, "user_id": 3, "description": None}
        return web.json_response(described | {"scopes": list(token.scopes), "expires_at": ends})

    async def _user(self, request: web.Request) -> web.Response:
        self._token(request, "api", "read_api", "read_user")
        return web.json_response({"id": 3, "username": "project_7_bot", "state": "active"})

    async def _projects(self, request: web.Request) -> web.Response:
        self._token(request, "api", "read_api")
        return web.json_response([])


class _Refused(Exception):
    def __init__(self, status: int, document: Mapping[str, object]) -> None:
        super().__init__(status)
        self.answer = web.json_response(document, status=status)
