"""The hub's services over the in-memory stores and the connectors that are installed: no socket, a clock in hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from integrations_hub.audit.model import AuditRecord
from integrations_hub.caller import Caller
from integrations_hub.catalog.reading import CatalogReader
from integrations_hub.catalog.receipts import Receipts
from integrations_hub.catalog.registration import Registration
from integrations_hub.catalog.service import CatalogService
from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.probe import Credential
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.transport import Transport
from integrations_hub.events.model import Event
from integrations_hub.health.reading import HealthReader
from integrations_hub.health.service import HealthService
from integrations_hub.health.sweep import SweepService
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.storage.memory import Memory, MemoryAudit, MemoryCatalog, MemoryHealth, MemoryOutbox, MemorySweep

ACME = Caller("acme", "alice", frozenset(), "portal")
GLOBEX = Caller("globex", "bob", frozenset(), "portal")
HEALTHY = {"script": [{"do": "healthy"}]}


class AnySecret:
    """References that are all right, and the same fake secret behind each."""

    def canonical(self, uri: str) -> str:
        return uri

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        return Credential({"username": Secret("robot$fake"), "password": Secret("not-a-real-secret-1")})

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        return None


@dataclass
class InMemoryHub:
    """Services, their state, and the time."""

    limit: int = 10_000
    per_minute: int = 60
    time: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    ticking: timedelta = timedelta()
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = Memory(self.now)
        secrets, store = AnySecret(), MemoryCatalog(self.memory)
        host = InProcessHost(Plugins(), secrets, Transport(EgressPolicy(())), BackgroundLoop(), concurrency=4)
        registration = Registration(host, secrets, 60)
        receipts = Receipts(b"an obviously fake receipt key 01", self.now)
        self.reader = CatalogReader(store, self.now)
        self.catalog = CatalogService(self.reader, store, registration, receipts, self.limit, self.now)
        health = MemoryHealth(self.memory)
        self.health_reader = HealthReader(health, self.now)
        self.health = HealthService(
            self.health_reader,
            health,
            host,
            store,
            MemoryAudit(self.memory),
            registration,
            receipts,
            self.per_minute,
            self.now,
        )
        self.sweep = SweepService(MemorySweep(self.memory), host, 100, self.now)

    def audit(self, tenant: str = "acme") -> Sequence[AuditRecord]:
        """Return the tenant's whole trail."""
        return MemoryAudit(self.memory).page(tenant, None, 0, 1000) or ()

    def events(self) -> list[Event]:
        """Take every event out of the outbox, in order."""
        outbox, taken = MemoryOutbox(self.memory), []
        while items := outbox.claim(1000, 60):
            taken += [item.event for item in items]
            outbox.delivered([item.lease for item in items])
        return taken

    def now(self) -> datetime:
        """Return the time, which goes on by `ticking` at each look."""
        self.time += self.ticking
        return self.time

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)

    def register(self, name: str = "one", caller: Caller = ACME, **changes):
        """Register an in-memory integration."""
        return self.catalog.create_integration(caller, draft(name, **changes), None, None)


def draft(name: str = "one", **changes) -> IntegrationDraft:
    """Return a draft of an in-memory integration."""
    return IntegrationDraft.model_validate_json(
        json.dumps({"type": "in-memory", "name": name, "config": HEALTHY, **changes})
    )
