"""The simulated Harbor: its state, and the requests it answers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest

from aiohttp import web

from local.simulated_harbor.answers import Refused, basic, error, page
from local.simulated_harbor.state import Project, Robot, health, system_info
from local.simulated_harbor.webhooks import change_policy, create_policy, list_policies
from local.thread_server import ThreadServer

__all__ = ["SimulatedHarbor"]

_PREFIX = "/api/v2.0"
_COMPONENTS = ("core", "database", "jobservice", "portal", "redis", "registry", "registryctl", "trivy")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class SimulatedHarbor:
    """One Harbor. Its state may be changed from any thread while it runs; the next answer shows it."""

    robots: list[Robot] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    components: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_COMPONENTS, "healthy"))
    read_only: bool = False
    latency_s: float = 0.0
    failing: bool = False
    requests: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    url: str = ""
    _server: ThreadServer = field(init=False)

    def __post_init__(self) -> None:
        """Be ready to start."""
        self._server = ThreadServer(self.application)

    def start(self, port: int = 0) -> str:
        """Serve from a thread of its own; return Harbor's address, without the API's path."""
        self.url = self._server.start(port, self.tls)
        return self.url

    def stop(self) -> None:
        """Stop serving and wait until the port is free; nothing happens when it is stopped already."""
        self._server.stop()

    def break_component(self, name: str, why: str = "connection refused") -> None:
        """Have `/health` report a component as down."""
        self.components[name] = why

    def application(self) -> web.Application:
        """Return this Harbor as an application, for a server of one's own."""
        application = web.Application(middlewares=[self._middleware()])
        policies = "/projects/{project}/webhook/policies"
        routes: list[tuple[str, str, _Handler]] = [
            ("GET", "/ping", self._ping),
            ("GET", "/health", self._health),
            ("GET", "/systeminfo", self._systeminfo),
            ("GET", "/users/current", self._current_user),
            ("GET", "/robots", self._list_robots),
            ("GET", "/projects", self._list_projects),
            ("GET", "/projects/{project}", self._get_project),
            ("GET", "/projects/{project}/repositories", self._list_repositories),
            ("GET", "/repositories", self._list_public_repositories),
            ("GET", policies, self._policies),
            ("POST", policies, self._policies),
            ("PUT", policies + "/{policy}", self._policies),
        ]
        for method, path, handler in routes:
            application.router.add_route(method, _PREFIX + path, handler)
        return application

    def _middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def before(request: web.Request, handler: _Handler) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path}")
            await asyncio.sleep(self.latency_s)
            if self.failing:
                return error(503, "UNKNOWN", "internal server error")
            try:
                return await handler(request)
            except Refused as refused:
                return refused.answer
            except web.HTTPNotFound:
                return error(404, "NOT_FOUND", f"path {request.path} was not found")
            except web.HTTPMethodNotAllowed:
                return error(405, "METHOD_NOT_ALLOWED", f"method {request.method} is not allowed")

        return before

    def _robot(self, request: web.Request) -> Robot | None:
        """Return the robot a request is from. A wrong, expired or disabled one is nobody, not an error."""
        name, secret = basic(request.headers.get("Authorization", ""))
        for robot in self.robots:
            if robot.name == name and compare_digest(robot.secret.encode(), secret.encode()):
                return robot if robot.current() else None
        return None

    def _number(self, project: Project) -> int:
        return self.projects.index(project) + 1

    def _project(self, request: web.Request, robot: Robot | None, *, may: bool = True) -> Project:
        """Return the project a path names, for whom may see it; `may` is whether the robot has what else it takes."""
        wanted = request.match_info["project"]
        by_name = request.headers.get("X-Is-Resource-Name") == "true" or not wanted.isdigit()
        found = [one for one in self.projects if wanted == (one.name if by_name else str(self._number(one)))]
        if found and (found[0].public or (robot and robot.covers(found[0]) and may)):
            return found[0]
        # Harbor does not tell a stranger what exists: 401 to nobody, 403 to a robot
        raise Refused(403, "FORBIDDEN", "forbidden") if robot else Refused(401, "UNAUTHORIZED", "unauthorized")

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response(text="Pong", content_type="text/plain")

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response(health(self.components))

    async def _systeminfo(self, request: web.Request) -> web.Response:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        public, protected = system_info(f"{request.scheme}://{request.host}", now, read_only=self.read_only)
        return web.json_response(public | protected if self._robot(request) else public)

    async def _current_user(self, request: web.Request) -> web.Response:
        if self._robot(request):
            raise Refused(412, "PRECONDITION", "get current user info failed: robot is not a user")
        raise Refused(401, "UNAUTHORIZED", "unauthorized")

    async def _list_robots(self, request: web.Request) -> web.Response:
        robot, query = self._robot(request), request.query.get("q", "")
        level, _, number = query.removeprefix("Level=").partition(",ProjectID=")
        project = self.projects[int(number) - 1].name if level == "project" else None
        if robot is None or not robot.lists_robots or robot.project not in {None, project}:
            raise Refused(403, "FORBIDDEN", "forbidden") if robot else Refused(401, "UNAUTHORIZED", "unauthorized")
        shown = enumerate((one for one in self.robots if one.project == project), start=1)
        return page(request, [one.document(n) for n, one in shown])

    async def _list_projects(self, request: web.Request) -> web.Response:
        robot, public = self._robot(request), request.query.get("public")
        shown = [
            project
            for project in self.projects
            if (project.public or (robot and robot.covers(project)))
            and request.query.get("name", "") in project.name
            and (public is None or project.public is (public == "true"))
        ]
        return page(request, [project.document(self._number(project)) for project in shown])

    async def _get_project(self, request: web.Request) -> web.Response:
        project = self._project(request, self._robot(request))
        return web.json_response(project.document(self._number(project)))

    async def _list_repositories(self, request: web.Request) -> web.Response:
        robot = self._robot(request)
        project = self._project(request, robot, may=robot is not None and robot.lists_repositories)
        return page(request, project.repository_documents(self._number(project)))

    async def _list_public_repositories(self, request: web.Request) -> web.Response:
        # to a robot as to nobody: only users are shown those of their private projects here
        shown = [project.repository_documents(self._number(project)) for project in self.projects if project.public]
        return page(request, [document for documents in shown for document in documents])

    async def _policies(self, request: web.Request) -> web.StreamResponse:
        robot = self._robot(request)
        if robot is None:
            raise Refused(401, "UNAUTHORIZED", "unauthorized")
        project = self._project(request, robot)
        if not (robot.manages_webhooks and robot.covers(project)):
            raise Refused(403, "FORBIDDEN", "forbidden")
        if request.method == "GET":
            return list_policies(request, project, self._number(project))
        wish = await request.json()
        return (
            change_policy(request, project, wish)
            if "policy" in request.match_info
            else create_policy(request, project, wish)
        )
