"""A simulated Harbor over real HTTP(S) on 127.0.0.1: what its handlers do, as far as a check and a listing see it.

    python -m local.simulated_harbor --port 8085

Behaviour after https://github.com/goharbor/harbor/tree/v2.15.2/src/server (handler/*.go, middleware/security/robot.go).
It logs nothing: requests carry credentials.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import threading
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest

from aiohttp import web

__all__ = ["Project", "Robot", "SimulatedHarbor"]

_PREFIX = "/api/v2.0"
_VERSION = "v2.15.2-0a1b2c3d"
_MOST = 100
_COMPONENTS = ("core", "database", "jobservice", "portal", "redis", "registry", "registryctl", "trivy")
_CREATED = "2026-01-01T00:00:00.000Z"


@dataclass(slots=True)
class Robot:
    """A robot account; `expires_at` in seconds since the epoch, -1 for never; no projects means all of them."""

    name: str
    secret: str = field(repr=False)
    expires_at: int = -1
    disabled: bool = False
    projects: tuple[str, ...] = ()


@dataclass(slots=True)
class Project:
    """A project and the names of its repositories."""

    name: str
    public: bool = False
    repositories: tuple[str, ...] = ()


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
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None
    _thread: threading.Thread | None = None

    def start(self, port: int = 0) -> str:
        """Serve from a thread of its own; return Harbor's address, without the API's path."""
        bound: list[int] = []
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(port, bound, ready)), daemon=True)
        self._thread.start()
        ready.wait(10)
        if not bound:
            raise OSError("the simulated Harbor could not bind its port")
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{bound[0]}"
        return self.url

    def stop(self) -> None:
        """Stop serving and wait until the port is free; nothing happens when it is stopped already."""
        if self._loop and self._stop and self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def break_component(self, name: str, error: str = "connection refused") -> None:
        """Have `/health` report a component as down."""
        self.components[name] = error

    def mend_component(self, name: str) -> None:
        """Have `/health` report a component as healthy."""
        self.components[name] = "healthy"

    async def _serve(self, port: int, bound: list[int], ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=self.tls).start()
            bound.append(runner.addresses[0][1])
            ready.set()
            await self._stop.wait()
        finally:
            ready.set()
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._middleware()])
        routes: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {
            "/ping": self._ping,
            "/health": self._health,
            "/systeminfo": self._systeminfo,
            "/users/current": self._current_user,
            "/projects": self._list_projects,
            "/projects/{project}/repositories": self._list_repositories,
        }
        for path, handler in routes.items():
            application.router.add_get(_PREFIX + path, handler)
        return application

    def _middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def before(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path}")
            await asyncio.sleep(self.latency_s)
            if self.failing:
                return _error(503, "UNKNOWN", "internal server error")
            try:
                return await handler(request)
            except web.HTTPNotFound:
                return _error(404, "NOT_FOUND", f"path {request.path} was not found")
            except web.HTTPMethodNotAllowed:
                return _error(405, "METHOD_NOT_ALLOWED", f"method {request.method} is not allowed")

        return before

    def _robot(self, request: web.Request) -> Robot | None:
        """Return the robot a request is from. A wrong, expired or disabled one is nobody, not an error."""
        name, secret = _basic(request.headers.get("Authorization", ""))
        for robot in self.robots:
            current = robot.expires_at == -1 or robot.expires_at > time.time()
            if robot.name == name and compare_digest(robot.secret.encode(), secret.encode()) and current:
                return None if robot.disabled else robot
        return None

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response(text="Pong", content_type="text/plain")

    async def _health(self, _request: web.Request) -> web.Response:
        components = [
            {"name": name, "status": "healthy"} if state == "healthy" else _down(name, state)
            for name, state in self.components.items()
        ]
        well = all(component["status"] == "healthy" for component in components)
        return web.json_response({"status": "healthy" if well else "unhealthy", "components": components})

    async def _systeminfo(self, request: web.Request) -> web.Response:
        info: dict[str, object] = {
            "auth_mode": "db_auth",
            "banner_message": "",
            "primary_auth_mode": False,
            "self_registration": False,
        }
        if self._robot(request):
            info |= {
                "current_time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "external_url": f"{request.scheme}://{request.host}",
                "harbor_version": _VERSION,
                "has_ca_root": False,
                "notification_enable": True,
                "project_creation_restriction": "everyone",
                "read_only": self.read_only,
                "registry_storage_provider_name": "filesystem",
                "registry_url": request.host,
            }
        return web.json_response(info)

    async def _current_user(self, request: web.Request) -> web.Response:
        if self._robot(request):
            return _error(412, "PRECONDITION", "get current user info failed: robot is not a user")
        return _error(401, "UNAUTHORIZED", "unauthorized")

    async def _list_projects(self, request: web.Request) -> web.Response:
        robot, public = self._robot(request), request.query.get("public")
        shown = [
            project
            for project in self.projects
            if (project.public if robot is None else project.public or _covers(robot, project))
            and request.query.get("name", "") in project.name
            and (public is None or project.public is (public == "true"))
        ]
        return _page(request, [_project(self.projects.index(project) + 1, project) for project in shown])

    async def _list_repositories(self, request: web.Request) -> web.Response:
        robot, name = self._robot(request), request.match_info["project"]
        project = next((project for project in self.projects if project.name == name), None)
        if project is None or not (project.public or (robot and _covers(robot, project))):
            # Harbor does not tell a stranger what exists: 401 to nobody, 403 to a robot
            return _error(403, "FORBIDDEN", "forbidden") if robot else _error(401, "UNAUTHORIZED", "unauthorized")
        return _page(request, [_repository(n, project, one) for n, one in enumerate(project.repositories, start=1)])


def _covers(robot: Robot, project: Project) -> bool:
    return not robot.projects or project.name in robot.projects


def _basic(field_value: str) -> tuple[str, str]:
    kind, _, encoded = field_value.partition(" ")
    try:
        pair = b64decode(encoded, validate=True).decode() if kind.lower() == "basic" else ""
    except (NotBase64, UnicodeDecodeError):
        pair = ""
    name, _, secret = pair.partition(":")
    return name, secret


def _down(name: str, error: str) -> dict[str, str]:
    return {"name": name, "status": "unhealthy", "error": f"failed to check the health of {name}: {error}"}


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=status)


def _project(number: int, project: Project) -> dict[str, object]:
    return {
        "project_id": number,
        "name": project.name,
        "owner_id": 1,
        "owner_name": "admin",
        "creation_time": _CREATED,
        "update_time": _CREATED,
        "repo_count": len(project.repositories),
        "metadata": {"public": "true" if project.public else "false"},
        "cve_allowlist": {"id": number, "project_id": number, "items": []},
    }


def _repository(number: int, project: Project, name: str) -> dict[str, object]:
    return {
        "id": number,
        "project_id": 1,
        "name": f"{project.name}/{name}",
        "artifact_count": 1,
        "pull_count": 0,
        "creation_time": _CREATED,
        "update_time": _CREATED,
    }


def _page(request: web.Request, items: Sequence[dict[str, object]]) -> web.Response:
    """Cut one page; the limits are the spec's, refused as go-openapi refuses them: 422 with code 604 or 605."""
    page, size = (request.query.get(name, default) for name, default in (("page", "1"), ("page_size", "10")))
    if not (page.isdigit() and size.isdigit()):
        return _error(422, "UNPROCESSABLE_ENTITY", "page in query must be of type int64")
    if int(size) > _MOST:
        return _error(422, "UNPROCESSABLE_ENTITY", "page_size in query should be less than or equal to 100")
    first = (max(int(page), 1) - 1) * int(size)
    shown = items[first : first + int(size)] if int(size) else items
    headers = {"X-Total-Count": str(len(items))}
    if first + int(size) < len(items):
        # relative and not escaped, as Harbor writes it
        headers["Link"] = f'<{request.path}?page={int(page) + 1}&page_size={size}>; rel="next"'
    return web.json_response(list(shown), headers=headers)


def main() -> None:
    """Serve until interrupted, with one robot and two projects."""
    parser = argparse.ArgumentParser(description="A simulated Harbor on 127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--robot", default="robot$hub", help="full name of the robot account")
    parser.add_argument("--robot-secret", default="not-a-real-secret-1", help="its secret; a fake one is the default")
    options = parser.parse_args()
    harbor = SimulatedHarbor(
        robots=[Robot(options.robot, options.robot_secret)],
        projects=[Project("library", public=True, repositories=("hello",)), Project("payments", repositories=("api",))],
    )
    print(f"simulated Harbor at {harbor.start(options.port)}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        harbor.stop()


if __name__ == "__main__":
    main()
