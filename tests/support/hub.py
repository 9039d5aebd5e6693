"""The whole hub, as it is deployed, on one machine: real PostgreSQL, a real Authority, every function behind HTTP."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from integrations_hub import bootstrap
from integrations_hub.storage.migrate import migrate
from integrations_hub.web.routing import Route
from integrations_hub.web.scopes import SCOPES
from local.authority import Authority
from local.authority import serve as serve_authority
from local.gateway import Function, Gateway, load_functions
from local.postgres import EmbeddedPostgres
from local.server import listen, serve

__all__ = ["ALL", "API", "Answer", "Client", "Hub", "draft", "hub", "me", "outside_folder", "running_hub"]

API = "/api/v1/integrations"
ALL = tuple(SCOPES)
FUNCTIONS = Path(__file__).parents[2] / "functions"
_LOGINS = {
    "DATABASE_URL": "hub_api",
    "WORKER_DATABASE_URL": "hub_worker",
    "MAINTENANCE_DATABASE_URL": "hub_maintenance",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower-cased."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub: where it is, and what it stands on."""

    url: str
    authority: Authority
    postgres: EmbeddedPostgres
    functions: Sequence[Function]
    state: Path

    @property
    def routes(self) -> Sequence[Route]:
        """Return what the gateway answers."""
        found = [function.route for function in self.functions if function.route]
        return [route for route in found if not route.internal]

    def token(
        self, tenant: str | None = "acme", scopes: Iterable[str] = ALL, subject: str = "portal", **claims: Any
    ) -> str:
        """Return a signed token; a claim of None is left out of it."""
        return self.authority.mint(tenant, scopes, subject, **claims)

    def client(self, tenant: str = "acme", scopes: Iterable[str] = ALL, subject: str = "portal") -> Client:
        """Return a caller with a token."""
        return Client(self, self.token(tenant, scopes, subject))

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request over a connection of its own. `json` is sent as application/json, `body` as it is."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if json is not None:
            body, sent = _dumped(json), {"Content-Type": "application/json", **sent}
        with closing(HTTPConnection(self.url.removeprefix("http://"), timeout=60)) as connection:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def sweep(self) -> None:
        """Check one batch of what is due."""
        self.run_job("sweep_health")

    def deliver(self) -> None:
        """Deliver one batch of the outbox."""
        self.run_job("deliver_events")

    def run_job(self, name: str) -> None:
        """Run a job as its schedule does: by a CloudEvent to its own face."""
        job = next(function for function in self.functions if function.name == name)
        headers = {"Ce-Specversion": "1.0", "Ce-Id": str(uuid4()), "Ce-Type": "test.tick", "Ce-Source": "/tests"}
        answer = job.app.test_client().post("/", json={}, headers=headers)
        assert answer.status_code == 200, f"{name} failed: its log says why"

    def connect(self, role: str) -> psycopg.Connection[DictRow]:
        """Connect as one of the hub's login roles."""
        dsn = self.postgres.dsn(role, self.postgres.password(role))
        return psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def rows(self, query: str, *parameters: object) -> list[DictRow]:
        """Ask the database as its superuser, whom no row is hidden from."""
        dsn = self.postgres.dsn("postgres", self.postgres.password("postgres"))
        with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True, slots=True)
class Client:
    """One caller of a hub."""

    hub: Hub
    token: str = field(repr=False)

    def call(self, method: str, path: str = "", **request: Any) -> Answer:
        """Send one request; the path is that below the API's base."""
        return self.hub.call(method, API + path, token=self.token, **request)

    def register(self, name: str = "one", **changes: Any) -> dict[str, Any]:
        """Register an in-memory integration and return it."""
        answer = self.call("POST", json=draft(name, **changes))
        assert answer.status == 201, answer.body
        registered: dict[str, Any] = answer.json()
        return registered


def draft(name: str = "one", **changes: Any) -> dict[str, Any]:
    """Return the body that registers an in-memory integration."""
    return {"type": "in-memory", "name": name, "config": {"script": [{"do": "healthy"}]}, **changes}


@contextmanager
def running_hub(state_dir: Path, **environment: str) -> Iterator[Hub]:
    """Start everything, give the functions their environment, and put everything back afterwards."""
    authority = Authority(state_dir / "authority")
    issuer = serve_authority(authority)
    try:
        with (
            EmbeddedPostgres(state_dir) as postgres,
            _environment({**_settings(state_dir, authority, postgres), **environment}),
        ):
            functions = load_functions(FUNCTIONS)
            gateway = serve(listen(0), Gateway(functions))
            running = Hub(gateway.url, authority, postgres, functions, state_dir)
            try:
                running.run_job("migrate_database")  # registers the installed connectors
                yield running
            finally:
                gateway.stop()
    finally:
        issuer.stop()


@contextmanager
def outside_folder() -> Iterator[Path]:
    """Yield a folder that PostgreSQL's own user may enter: pytest's are closed to everybody else."""
    with tempfile.TemporaryDirectory(prefix="hub-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """Run one hub for a module's tests; each test has a tenant of its own."""
    with outside_folder() as folder, running_hub(folder) as running:
        yield running


@pytest.fixture
def me(hub: Hub) -> Client:
    """Be a program with every scope, in a tenant of this test's own."""
    return hub.client(f"tenant-{uuid4().hex[:12]}")


def _settings(state: Path, authority: Authority, postgres: EmbeddedPostgres) -> dict[str, str]:
    """Migrate, and return what a deployment would set."""
    owner = postgres.bootstrap_cluster()
    passwords = {role: postgres.password(role) for role in _LOGINS.values()}
    migrate(owner, passwords=passwords)
    (state / "secrets").mkdir(exist_ok=True)
    return {
        **{variable: postgres.dsn(role, passwords[role]) for variable, role in _LOGINS.items()},
        "OWNER_DATABASE_URL": owner,
        "ISSUER_URL": authority.issuer,
        "AUDIENCE": "integrations-hub",
        "RECEIPT_KEY": "an obviously fake receipt key 01",
        "EGRESS_ALLOW": "127.0.0.0/8",
        "DEVELOPMENT_SECRETS": "1",
        "SECRET_BACKENDS": json.dumps({"file": {"kind": "file", "root": str(state / "secrets")}}),
    }


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables, with every part built anew before and after."""
    before = dict(os.environ)
    bootstrap.reset()
    os.environ.update(values)
    try:
        yield
    finally:
        bootstrap.reset()
        os.environ.clear()
        os.environ.update(before)


def _dumped(document: object) -> bytes:
    return json.dumps(document).encode()
