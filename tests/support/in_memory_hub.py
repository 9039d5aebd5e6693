"""The hub's services over the in-memory stores and the connectors that are installed: no socket, a clock in hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

from integrations_hub.audit.model import AuditRecord
from integrations_hub.caller import Caller
from integrations_hub.catalog.plugin import PluginCatalog
from integrations_hub.catalog.reading import CatalogReader
from integrations_hub.catalog.receipts import Receipts
from integrations_hub.catalog.registration import Registration
from integrations_hub.catalog.service import CatalogService
from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.probe import Credential
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.transport import Transport
from integrations_hub.events.model import Event
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.reading import HealthReader
from integrations_hub.health.service import HealthService
from integrations_hub.health.sweep import InProcess, SweepService
from integrations_hub.health.worker import CheckWorker
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.canary import EgressCanary
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.observed import ObservedHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.slots import Caps
from integrations_hub.storage.memory import (
    Memory,
    MemoryAudit,
    MemoryCatalog,
    MemoryHealth,
    MemoryIncidents,
    MemoryOutbox,
    MemorySweep,
)

ACME = Caller("acme", "alice", frozenset(), "portal")
GLOBEX = Caller("globex", "bob", frozenset(), "portal")
HEALTHY = {"script": [{"do": "healthy"}]}


class Vault:
    """References that are all right, and the same fake secret behind each; it can be away, and its secret rotated."""

    def __init__(self) -> None:
        self.away = False
        self.version = 1

    def canonical(self, uri: str, pointer: str = "/authRefUri") -> str:
        return uri

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        if self.away:
            raise CheckFailed(Reason.SECRET_UNAVAILABLE, "vault: away", "Look at it.", cause="backend:vault")
        return Credential({"username": Secret("robot$fake"), "password": Secret("not-a-real-secret-1")})

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts:
        await self.credential(tenant, auth_ref_uri, "")
        return CredentialFacts(f"v:{self.version}")

    async def reread(self, tenant: str, auth_ref_uri: str, target: str) -> Credential | None:
        return None

    async def reachable(self, alias: str) -> bool:
        return not self.away


@dataclass
class InMemoryHub:
    """Services, their state, and the time."""

    limit: int = 10_000
    per_minute: int = 60
    time: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    ticking: timedelta = timedelta()
    plugins: PluginCatalog = field(default_factory=Plugins)
    allow: Sequence[IPv4Network] = ()
    canary_url: str | None = None
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = Memory(self.now)
        self.vault, store = Vault(), MemoryCatalog(self.memory)
        self._transport = transport = Transport(EgressPolicy(tuple(self.allow)))
        self._loop = loop = BackgroundLoop()
        caps = Caps(4, 4, 4)
        canary = EgressCanary(self.canary_url, transport, lambda: self.now().timestamp()) if self.canary_url else None
        trusted = InProcessHost(self.plugins, self.vault, transport, loop, caps=caps, canary=canary, now=self.now)
        host = ObservedHost(trusted)
        registration = Registration(host, self.vault, 60)
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
        self.host, self.incidents = host, MemoryIncidents(self.memory)
        incidents, sweep = Incidents(self.incidents, host), MemorySweep(self.memory)
        self.worker = CheckWorker(sweep, host, incidents, 100, self.now)
        self.sweep = SweepService(incidents, InProcess(sweep, self.worker, 100))

    def close(self) -> None:
        """Close what checks over sockets opened."""
        self._loop.submit(self._transport.close()).result()

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
