"""What storage tests are about: callers, integrations, results of checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.audit.ports import AuditStore
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import Integration
from integrations_hub.catalog.plugin import PluginStore
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.connector.contract import CheckResult, Step, StepStatus
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.events.model import Event
from integrations_hub.events.ports import DeadLetterStore, OutboxStore
from integrations_hub.health.machine import conclude
from integrations_hub.health.model import Claim, HealthOverview, OverviewQuery, Recorded
from integrations_hub.health.ports import HealthStore, IncidentStore, SweepStore
from integrations_hub.storage.audit import PostgresAudit
from integrations_hub.storage.catalog import PostgresCatalog
from integrations_hub.storage.health import PostgresHealth
from integrations_hub.storage.outbox import PostgresDeadLetters, PostgresOutbox
from integrations_hub.storage.plugins import PostgresPlugins
from integrations_hub.storage.sweep import PostgresSweep
from integrations_hub.storage.tenants import PostgresTenants
from integrations_hub.storage.webhooks import PostgresWebhooks
from integrations_hub.tenants.ports import TenantStore
from integrations_hub.webhooks.ports import WebhookStore
from tests.support.databases import Database


@dataclass
class Stores:
    """Every store over one state."""

    catalog: CatalogStore
    health: HealthStore
    sweep: SweepStore
    audit: AuditStore
    outbox: OutboxStore
    plugins: PluginStore
    webhooks: WebhookStore
    incidents: IncidentStore
    tenants: TenantStore
    dead_letters: DeadLetterStore

    def add(self, caller: Caller, name: str = "one", **changes: Any) -> Integration:
        """Store an integration, with an audit entry and no event."""
        made = integration(caller.tenant, name, **changes)
        with self.catalog.write(caller) as unit:
            unit.add(made)
            unit.record(AuditEntry(AuditAction.CREATED, made.id, {"name": name}))
            unit.commit()
        return made

    def overview(
        self, caller: Caller, id_: UUID, windows: Sequence[int] = (24,), **asked: Any
    ) -> HealthOverview | None:
        """Return what is known of an integration's health: ten past checks and six points, unless asked otherwise."""
        return self.health.overview(caller.tenant, id_, OverviewQuery(windows, **{"points": 6, "limit": 10, **asked}))

    def emit(self, caller: Caller, *events: Event) -> None:
        with self.catalog.write(caller) as unit:
            for event in events:
                unit.emit(event)
            unit.commit()

    def claim_of(self, caller: Caller) -> list[Claim]:
        """Claim everything that is due; return the caller's tenant's."""
        return [one for one in self.sweep.claim_due(1000, 60) if one.tenant_id == caller.tenant]


def postgres_stores(database: Database, size: int = 4) -> Stores:
    api, worker = database.connections("hub_api", size), database.connections("hub_worker", size)
    sweep = PostgresSweep(worker, per_target=10_000, per_tenant=10_000)
    return Stores(
        PostgresCatalog(api),
        PostgresHealth(api),
        sweep,
        PostgresAudit(api),
        PostgresOutbox(worker),
        PostgresPlugins(api),
        PostgresWebhooks(api),
        sweep,
        PostgresTenants(api),
        PostgresDeadLetters(worker),
    )


YEARS_S = 315_360_000
"""An interval in which no beat of an integration's own falls into a test."""


def a_caller(subject: str = "alice") -> Caller:
    """Return a caller of a tenant nobody else has."""
    return Caller(f"tenant-{uuid4().hex[:12]}", subject, frozenset())


def integration(tenant: str, name: str = "one", **changes: Any) -> Integration:
    now = datetime.now(UTC)
    made = Integration(
        id=uuid4(),
        tenant_id=tenant,
        type="harbor",
        category="registry",
        name=name,
        config={"endpoint": "https://harbor.example", "nested": [1, {"deep": None}]},
        auth_ref_uri="authref://vault/harbor",
        tags=("blue",),
        target="harbor.example:443",
        paused=False,
        maintenance=(),
        check_interval_seconds=300,
        failure_threshold=3,
        success_threshold=2,
        version=1,
        created_at=now,
        updated_at=now,
        next_check_at=now,
    )
    return replace(made, **changes)


def passed(latency_ms: float = 5.0, **extra: Any) -> CheckResult:
    return CheckResult((Step(StepName.CONNECT, StepStatus.PASSED, 1.0, "connected"),), latency_ms, **extra)


def failed(
    reason: Reason = Reason.CONNECT_ERROR, evidence: str = "refused", step: StepName = StepName.CONNECT
) -> CheckResult:
    found = Step(step, StepStatus.FAILED, 1.0, evidence, reason, "open the port")
    return CheckResult((found,), 9.0)


def recorded(claim: Claim, result: CheckResult, at: datetime | None = None) -> Recorded:
    return conclude(claim, result, at or datetime.now(UTC))


def ids(found: Any) -> list[UUID]:
    return [one.id for one in found]
