"""What the sweep is measured on: a server of its own, integrations by the hundred thousand, the hub's real parts."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.transport import Transport
from integrations_hub.credentials.building import build_secrets
from integrations_hub.credentials.policy import environment_variable
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.worker import CheckWorker
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.slots import Caps
from integrations_hub.settings import CredentialSettings
from integrations_hub.storage.connections import Connections
from integrations_hub.storage.migrate import migrate
from integrations_hub.storage.sweep import PostgresSweep
from local.postgres import EmbeddedPostgres
from tests.benchmarks.sweep.connector import OneConnector
from tests.support.databases import LOGIN_ROLES
from tests.support.hub import outside_folder

__all__ = ["Ground", "a_ground", "a_provider"]

_ROOT = Path(__file__).resolve().parents[3]
_INTEGRATIONS = """
INSERT INTO hub.integrations (id, tenant_id, type, category, name, name_key, config_json, auth_ref_uri, target,
    check_interval_seconds, failure_threshold, success_threshold, version, created_at, updated_at)
SELECT gen_random_uuid(), 'tenant-' || n %% %(tenants)s, 'two-requests', 'test', 'integration ' || n,
    'integration ' || n, jsonb_build_object('endpoint', 'http://127.0.0.1:' || port.port),
    'authref://env/token', '127.0.0.1:' || port.port, 300, 3, 2, 1, now(), now()
FROM generate_series(1, %(count)s) AS n
    JOIN unnest(%(ports)s::integer[]) WITH ORDINALITY AS port(port, nth) ON port.nth = n %% %(hosts)s + 1
"""
_HEALTH = """
INSERT INTO hub.integration_health (integration_id, tenant_id, target, next_check_at)
SELECT id, tenant_id, target, now() + make_interval(secs => random() * 300) FROM hub.integrations
"""


@dataclass(frozen=True)
class Ground:
    """A database with integrations, and workers over it."""

    server: EmbeddedPostgres
    opened: list[tuple[Transport, BackgroundLoop]] = field(default_factory=list)

    def dsn(self, role: str) -> str:
        return self.server.dsn(role, self.server.password(role))

    def rows(self, query: str, **parameters: object) -> list[tuple]:
        """Ask as the superuser, whom no row is hidden from."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            cursor = connection.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def fill(self, count: int, tenants: int, ports: Sequence[int]) -> None:
        """Have so many integrations and no others, due within the next five minutes."""
        self.rows("TRUNCATE hub.integration_health, hub.integrations, hub.outbox, hub.health_checks CASCADE")
        values = {"count": count, "tenants": tenants, "ports": list(ports), "hosts": len(ports)}
        self.rows(_INTEGRATIONS, **values)
        self.rows(_HEALTH)
        self.rows("VACUUM ANALYZE hub.integrations, hub.integration_health")

    def store(self, **caps: int) -> PostgresSweep:
        return PostgresSweep(Connections(self.dsn("hub_worker"), size=2), **caps)

    def worker(self, store: PostgresSweep, caps: Caps) -> CheckWorker:
        """Return a worker of the hub's real parts: guard, redaction, secrets, caps."""
        secret = json.dumps({"token": "not-a-real-token-1"})
        environment = {environment_variable("env", f"tenant-{n}", "token"): secret for n in range(1000)}
        backends = json.dumps({"env": {"kind": "env"}})
        settings = CredentialSettings.model_validate({"SECRET_BACKENDS": backends, "DEVELOPMENT_SECRETS": True})
        transport, loop = Transport(EgressPolicy(parse_allow_list("127.0.0.0/8"))), BackgroundLoop()
        gc.freeze()  # as the composition root does
        self.opened.append((transport, loop))
        host = InProcessHost(OneConnector(), build_secrets(settings, environment), transport, loop, caps=caps)
        return CheckWorker(store, host, Incidents(store, host), caps.total, lambda: datetime.now(UTC))


@contextmanager
def a_ground() -> Iterator[Ground]:
    """Start PostgreSQL, as durable as in production, and migrate."""
    settings = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min"}
    with outside_folder() as folder, EmbeddedPostgres(folder, settings=settings) as server:
        migrate(server.bootstrap_cluster(), passwords={role: server.password(role) for role in LOGIN_ROLES})
        ground = Ground(server)
        yield ground
        for transport, loop in ground.opened:
            loop.submit(transport.close()).result()


@contextmanager
def a_provider(ports: int, median_ms: float = 0.0) -> Iterator[list[int]]:
    """Run the provider in a process of its own; yield its ports."""
    command = [sys.executable, "-m", "tests.benchmarks.sweep.provider", str(ports), str(median_ms)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield [int(port) for port in process.stdout.readline().split()]
        finally:
            process.kill()
