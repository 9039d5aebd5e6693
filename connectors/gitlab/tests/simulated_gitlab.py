"""A simulated GitLab over real HTTP on 127.0.0.1: tokens, scopes, ends and rate limits, projects and their webhooks.

Behaviour after https://docs.gitlab.com/api/rest/, personal_access_tokens/, projects/ and project_webhooks/. A path may
be given an answer of its own, for what is not GitLab. A description of its API and the SDK of others judge it in turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from aiohttp import web

from local.thread_server import ThreadServer

from .gitlab_state import MAINTAINER, AccessToken, Document, Hook, Project, Refused

__all__ = ["AccessToken", "Hook", "Project", "SimulatedGitLab"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
READ = ("api", "read_api")


@dataclass(slots=True)
class SimulatedGitLab:
    """One GitLab, at the root or under a sub-path. Its state may be changed while it runs."""

    tokens: list[AccessToken] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    # old paths of projects that were moved
    moved: dict[str, int] = field(default_factory=dict)
    sub_path: str = ""
    # whether it has signing tokens, and whether its documents say which tokens there are (19.0)
    signing: bool = True
    tells_hook_tokens: bool = True
    limit: int | None = None
    observed: int = 0
    throttled: Mapping[str, str] | None = None
    failing: bool = False
    tells_tokens: bool = True
    # the host webhooks may not deliver to; like a careless server, it says what it was sent
    blocked: str = "127.0.0.1"
    instead: dict[str, tuple[int, str, str, Mapping[str, str]]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list, repr=False)
    url: str = ""
    # what links begin with, as an administrator has it; else where it was asked
    external_url: str = ""
    _server: ThreadServer = field(init=False)

    def __post_init__(self) -> None:
        self._server = ThreadServer(self.application)

    def start(self) -> str:
        """Serve from a thread of its own; return GitLab's address, without the API's path."""
        self.url = self._server.start() + self.sub_path
        return self.url

    def stop(self) -> None:
        self._server.stop()

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._middleware()])
        project = "/projects/{project}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/version", self._version),
            ("GET", "/personal_access_tokens/self", self._self),
            ("GET", "/user", self._user),
            ("GET", "/projects", self._projects),
            ("GET", project, self._project),
            ("GET", f"{project}/hooks", self._hooks),
            ("POST", f"{project}/hooks", self._add_hook),
            ("GET", f"{project}/hooks/{{hook}}", self._hook),
            ("PUT", f"{project}/hooks/{{hook}}", self._hook),
            ("DELETE", f"{project}/hooks/{{hook}}", self._hook),
        ]
        for method, path, handler in routes:
            application.router.add_route(method, f"{self.sub_path}/api/v4{path}", handler)
        return application

    def _middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def before(request: web.Request, handler: Handler) -> web.StreamResponse:
            path = request.raw_path.partition("?")[0].rpartition("/api/v4/")[2]
            self.requests.append(path if request.method == "GET" else f"{request.method} {path}")
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
        except Refused as refused:
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
        value = request.headers.get("PRIVATE-TOKEN", "")
        token = next((one for one in self.tokens if one.value == value), None)
        if token is None:
            raise Refused(401, {"message": "401 Unauthorized"})
        token.require(scopes)
        return token

    def _origin(self, request: web.Request) -> str:
        return self.external_url or f"{request.scheme}://{request.host}{self.sub_path}"

    def _find(self, request: web.Request) -> Project:
        wanted = request.match_info["project"]
        found = next((one for one in self.projects if wanted in {str(one.id), one.path}), None)
        if found is None:
            raise Refused(404, {"message": "404 Project Not Found"})
        return found

    def _admin(self, request: web.Request) -> Project:
        self._token(request, "api")
        project = self._find(request)
        if project.level < MAINTAINER:
            raise Refused(403, {"message": "403 Forbidden"})
        return project

    async def _version(self, request: web.Request) -> web.Response:
        self._token(request, *READ, "read_user")
        return web.json_response({"version": "18.1.1-ee", "revision": "ceb07b24cb0"})

    async def _self(self, request: web.Request) -> web.Response:
        if not self.tells_tokens:
            raise web.HTTPNotFound
        token = self._token(request)
        if not token.personal:
            message = "400 Bad request - This endpoint requires token type to be a personal access token"
            raise Refused(400, {"message": message})
        return web.json_response(token.document())

    async def _user(self, request: web.Request) -> web.Response:
        self._token(request, *READ, "read_user")
        return web.json_response({"id": 3, "username": "project_7_bot", "state": "active"})

    async def _projects(self, request: web.Request) -> web.Response:
        self._token(request, *READ)
        query, origin = dict(request.query), self._origin(request)
        if query.get("pagination") == "keyset" and query.get("order_by") != "id":
            raise Refused(405, {"error": "Keyset pagination is not yet available for this type of request"})
        after, size = int(query.get("id_after", 0)), int(query.get("per_page", 20))
        left = sorted((one for one in self.projects if one.id > after), key=lambda one: one.id)
        onward = urlencode({**query, "id_after": left[size - 1].id}) if len(left) > size else ""
        link = {"Link": f'<{origin}/api/v4/projects?{onward}>; rel="next"'} if onward else {}
        return web.json_response([one.document(origin) for one in left[:size]], headers=link)

    async def _project(self, request: web.Request) -> web.Response:
        self._token(request, *READ)
        api, moved_to = f"{self.sub_path}/api/v4", self.moved.get(request.match_info["project"])
        if moved_to:
            raise web.HTTPMovedPermanently(f"{api}/projects/{moved_to}")
        return web.json_response(self._find(request).document(self._origin(request)))

    async def _hooks(self, request: web.Request) -> web.Response:
        project = self._admin(request)
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 20))
        shown = project.hooks[(number - 1) * size : number * size]
        query = urlencode({"page": number + 1, "per_page": size})
        more = number * size < len(project.hooks)
        place = f"{self._origin(request)}/api/v4/projects/{project.id}/hooks"
        link = {"Link": f'<{place}?{query}>; rel="next"'} if more else {}
        return web.json_response([self._shown(project, hook) for hook in shown], headers=link)

    async def _add_hook(self, request: web.Request) -> web.Response:
        project, wish = self._admin(request), await request.json()
        hook = Hook(max((hook.id for hook in project.hooks), default=0) + 1, "")
        self._change(hook, wish)
        project.hooks.append(hook)
        return web.json_response(self._shown(project, hook), status=201)

    async def _hook(self, request: web.Request) -> web.Response:
        project = self._admin(request)
        hook = next((one for one in project.hooks if str(one.id) == request.match_info["hook"]), None)
        if hook is None:
            raise Refused(404, {"message": "404 Not found"})
        if request.method == "DELETE":
            project.hooks.remove(hook)
            return web.Response(status=204)
        if request.method == "PUT":
            self._change(hook, await request.json())
        return web.json_response(self._shown(project, hook))

    def _change(self, hook: Hook, wish: Mapping[str, object]) -> None:
        if self.blocked in str(wish["url"]):
            said = f"is blocked: Requests to the local network are not allowed, {wish.get('token')}"
            raise Refused(422, {"message": {"url": [said]}})
        hook.change(wish, signing=self.signing)

    def _shown(self, project: Project, hook: Hook) -> Document:
        return hook.document(project.id, tells=self.tells_hook_tokens)
