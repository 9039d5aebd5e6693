"""Real PostgreSQL for tests: one embedded cluster per session and version, one fresh migrated database per module."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

from integrations_hub.storage.connections import Connections
from integrations_hub.storage.migrate import migrate
from local.postgres import DATABASE, MIGRATOR, EmbeddedPostgres

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
LOGIN_ROLES = ("hub_api", "hub_worker", "hub_maintenance")
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass
class Database:
    """One database of a cluster."""

    server: EmbeddedPostgres
    name: str
    _opened: list[Connections] = field(default_factory=list)

    def dsn(self, role: str) -> str:
        return self.server.dsn(role, self.server.password(role), self.name)

    def connections(self, role: str, size: int = 4) -> Connections:
        made = Connections(self.dsn(role), size=size)
        self._opened.append(made)
        return made

    def connect(self, role: str) -> psycopg.Connection:
        return psycopg.connect(self.dsn(role), autocommit=True)

    def close(self) -> None:
        for one in self._opened:
            one.close()


@dataclass
class Cluster:
    """A running server with a migrated database to copy."""

    server: EmbeddedPostgres
    _names: Iterator[int] = field(default_factory=count)

    def fresh(self, *, migrated: bool = True) -> Database:
        name = f"test_{next(self._names)}"
        template = f"TEMPLATE {DATABASE}" if migrated else ""
        admin = self.server.dsn("postgres", self.server.password("postgres"), "postgres")
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {template} OWNER {MIGRATOR}")
        return Database(self.server, name)


def _cluster(bin_dir: Path | None) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="hub-test-"))
    folder.chmod(0o711)  # run as root, the server is another user
    try:
        with EmbeddedPostgres(folder, bin_dir=bin_dir, settings=_FAST) as server:
            passwords = {role: server.password(role) for role in LOGIN_ROLES}
            migrate(server.bootstrap_cluster(), passwords=passwords)
            yield Cluster(server)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_18() -> Iterator[Cluster]:
    yield from _cluster(None)


@pytest.fixture(scope="session")
def postgres_15() -> Iterator[Cluster]:
    if not DEBIAN_15.exists():
        pytest.skip(f"there is no PostgreSQL 15 in {DEBIAN_15}")
    yield from _cluster(DEBIAN_15)


@pytest.fixture(scope="module", params=["postgres_18", "postgres_15"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Both versions, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[Database]:
    """A fresh migrated database for the module."""
    made = cluster.fresh()
    yield made
    made.close()
