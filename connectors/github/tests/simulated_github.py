"""A simulated GitHub over real HTTP on 127.0.0.1: what an App sees of github.com, and of an Enterprise Server.

Behaviour after https://docs.github.com/en/rest/apps and https://docs.github.com/en/rest/repos/webhooks. It has its own
clock, which may be shifted, and judges an App's token by it. The token is verified by PyJWT, which the connector does
not use. GitHub's own OpenAPI document and SDK judge it in turn.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web

from .github_answers import Refused, error, page
from .github_authority import Authority
from .github_documents import Installation, RegisteredApp, Repository, account, meta, rate_limit
from .github_hooks import Hook, answer_hook, answer_list, shown

__all__ = ["Hook", "Installation", "RegisteredApp", "Repository", "SimulatedGitHub", "error"]


@dataclass(slots=True)
class SimulatedGitHub:
    """One GitHub. Its state may be changed from any thread while it runs; the next answer shows it."""

    apps: list[RegisteredApp]
    installations: list[Installation]
    repositories: list[Repository] = field(default_factory=list)
    # by the path of their list, such as repos/octocorp/hub/hooks
    hooks: dict[str, list[Hook]] = field(default_factory=dict)
    server: bool = False
    version: str = "3.19.1"
    # the address it believes to be reached at, where a proxy stands before it
    known_as: str = ""
    clock_shift_s: float = 0.0
    token_life_s: float = 3600.0
    rate_limiting: bool = True
    remaining: int = 4990
    latency_s: float = 0.0
    # by path below the root, or "*": status, header fields and body to answer instead
    instead: dict[str, tuple[int, Mapping[str, str], str]] = field(default_factory=dict)
    # by request: what happens, once, before it is answered
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    # the path below the root that is refused with all that came in its Authorization field, and in its body
    echoing: str = ""
    requests: list[str] = field(default_factory=list)
    fields: set[tuple[str | None, str | None]] = field(default_factory=set)
    credentials: set[str] = field(default_factory=set)
    # what each token holds
    seal: str = field(default="", repr=False)
    authority: Authority = field(init=False)
    url: str = ""
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self.authority = Authority(self.apps, self.installations, self.repositories, self.now)

    def now(self) -> float:
        return time.time() + self.clock_shift_s

    def count(self, request: str) -> int:
        return self.requests.count(request)

    def application(self) -> web.Application:
        """Return it as an application that another server runs."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

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
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
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
        self._note(request, path)
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

    def _note(self, request: web.Request, path: str | None) -> None:
        self.requests.append(f"{request.method} {path}")
        self.fields.add((request.headers.get("Accept"), request.headers.get("X-GitHub-Api-Version")))
        self.credentials.add(request.headers.get("Authorization", "").removeprefix("Bearer "))
        self.before.pop(self.requests[-1], lambda: None)()

    async def _route(self, request: web.Request, path: str | None) -> web.Response:
        root = f"{self.known_as or request.url.origin()}{'/api/v3' if self.server else ''}"
        wish = await request.json() if request.body_exists else {}
        if path == self.echoing:
            bearer = request.headers["Authorization"]
            raise Refused(403, f"{'x' * 300} {bearer} {bearer.removeprefix('Bearer ')} {wish} {'x' * 300}")
        parts = (path or "").split("/")
        if parts[0] not in {"app", "installation", "meta", "orgs", "rate_limit", "repos"}:
            raise Refused(404, "Not Found")
        if parts[:1] == ["app"]:
            return self._as_app(request, root, parts[1:], wish)
        return self._as_installation(request, root, parts, wish)

    def _as_app(self, request: web.Request, root: str, rest: list[str], wish: dict) -> web.Response:
        app = self.authority.app(request)
        if rest == []:
            return web.json_response(app.document(root))
        if rest == ["hook", "config"]:
            if not app.hook:
                raise Refused(404, "Not Found")
            app.hook.update(wish)
            return web.json_response(shown(app.hook))
        for one in self.installations:
            if one.app_id == app.id and rest == ["installations", str(one.id)]:
                return web.json_response(one.document(root))
            if one.app_id == app.id and rest == ["installations", str(one.id), "access_tokens"]:
                return web.json_response(self.authority.mint(one, wish, self.token_life_s, self.seal), status=201)
        raise Refused(404, "Not Found")

    def _as_installation(self, request: web.Request, root: str, parts: list[str], wish: dict) -> web.Response:
        token = self.authority.token(request)
        if parts[:1] in (["repos"], ["orgs"]):
            return self._of_an_account(request, root, parts, wish)
        match parts:
            case ["rate_limit"] if self.rate_limiting:
                return web.json_response(rate_limit(self.remaining, int(self.now()) + 9))
            case ["rate_limit"]:
                raise Refused(404, "Rate limiting is not enabled.")
            case ["meta"] if self.server:
                return web.json_response(meta(self.version))
            case ["installation", "repositories"]:
                mine = [one for one in self.repositories if self.authority.reaches(token, one.full_name)]
                listed, fields = page(request, root, [one.document(root) for one in mine])
                return web.json_response({"total_count": len(mine), "repositories": listed}, headers=fields)
        raise Refused(404, "Not Found")

    def _of_an_account(self, request: web.Request, root: str, parts: list[str], wish: dict) -> web.Response:
        token = self.authority.token(request)
        match parts:
            case ["repos", owner, name]:
                return web.json_response(self.authority.repository(token, f"{owner}/{name}").document(root))
            case ["orgs", name]:
                return web.json_response({**account(root, name), "url": f"{root}/orgs/{name}"})
            case [kind, *name, "hooks"]:
                self.authority.allow_hooks(token, request.method, kind, "/".join(name))
                return answer_list(request, root, self.hooks.setdefault("/".join(parts), []), wish)
            case [kind, *name, "hooks", number]:
                self.authority.allow_hooks(token, request.method, kind, "/".join(name))
                return answer_hook(request, root, self.hooks.get("/".join(parts[:-1]), []), number, wish)
        raise Refused(404, "Not Found")
