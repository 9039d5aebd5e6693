"""A tenant with something to lose, and connections of those who are after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from psycopg import errors

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import IdempotencyKey, Integration
from integrations_hub.events.model import Event, EventType
from integrations_hub.events.routes import AlertRoute
from integrations_hub.health.model import Claim
from integrations_hub.storage.maintenance import PostgresMaintenance
from integrations_hub.tenants.model import TenantSettings
from integrations_hub.webhooks.model import Accepted
from tests.support.catalogue import Stores, a_caller, failed, postgres_stores, recorded
from tests.support.databases import Database

__all__ = ["DENIED", "OTHER_ROLES", "READABLE", "TENANT_TABLES", "Victim", "attack", "untouched", "victim"]

READABLE = (
    "integrations",
    "integration_health",
    "health_checks",
    "health_hours",
    "audit_heads",
    "audit_logs",
    "idempotency_keys",
    "consumers",
    "allowances",
    "webhooks",
    "webhook_deliveries",
    "tenant_settings",
    "rests",
)
TENANT_TABLES = (*READABLE, "outbox", "deliveries")
OTHER_ROLES = (
    "postgres", "hub_migrator", "hub_owner", "hub_claim", "hub_record", "hub_audit", "hub_deliver", "hub_keep",
    "hub_ingress",
)  # fmt: skip
DENIED = errors.InsufficientPrivilege


@dataclass
class Victim:
    """A tenant with a row in every table, and a lease that was stolen from it."""

    database: Database
    stores: Stores
    caller: Caller
    one: Integration
    lease: Claim

    def rows(self) -> list[list[tuple]]:
        """Return everything the victim has, as a superuser sees it."""
        with self.database.connect("postgres") as admin:
            return [
                admin.execute(f"SELECT t::text FROM hub.{table} AS t WHERE tenant_id = %s ORDER BY 1", [self.caller.tenant])
                .fetchall()
                for table in TENANT_TABLES
            ]  # fmt: skip


@pytest.fixture(scope="module")
def victim(database) -> Victim:
    stores, caller = postgres_stores(database), a_caller()
    one = stores.add(caller, "the victim's")
    stores.catalog.by_type(caller.tenant, one.type, None, 10, consumer="portal")
    stores.catalog.spend(caller.tenant, "checks", 10, 86400)
    with stores.catalog.write(caller) as unit:
        key = IdempotencyKey("key", "POST /", b"\x01" * 32)
        unit.begin_idempotent(key)
        unit.finish_idempotent(key, {"secret": "answer"})
        unit.emit(Event(EventType.CREATED, one.id))
        unit.commit()
    asked_to_wait = replace(failed(), retry_after_s=3600.0)
    stores.health.record(caller.tenant, recorded(stores.health.claim(caller.tenant, one.id, 60), asked_to_wait))
    stores.webhooks.begin(caller, one.id, "authref://vault/webhook")
    stores.webhooks.accept(caller.tenant, Accepted.of(one.id, [b"d" * 32], "push", None))
    route = AlertRoute("own", "webhook", "https://hooks.example", "authref://vault/hook")
    entry = AuditEntry(AuditAction.SETTINGS_UPDATED, None)
    stores.tenants.replace(caller, TenantSettings(require_test_receipt=True, alert_routes=(route,)), None, entry)
    stores.outbox.claim(0, 0)  # routes what waits
    with database.connect("postgres") as admin:
        admin.execute("UPDATE hub.roll_up SET hour = date_trunc('hour', now()) - interval '6 hours'")
        admin.execute("UPDATE hub.health_checks SET checked_at = checked_at - interval '3 hours'")
    PostgresMaintenance(database.connections("hub_maintenance")).roll_up()
    lease = stores.health.claim(caller.tenant, one.id, 3600)
    return Victim(database, stores, caller, one, lease)


@pytest.fixture
def untouched(victim) -> Iterator[None]:
    """Whatever the test does, the victim's rows are the same afterwards."""
    before = victim.rows()
    assert all(before), "the victim must have a row in every table"
    yield
    assert victim.rows() == before


def attack(database: Database, role: str = "hub_api", tenant: str | None = "attacker"):
    """Return a connection as the role, its tenant set for the session (None: never set)."""
    connection = database.connect(role)
    if tenant is not None:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [tenant])
    return connection
