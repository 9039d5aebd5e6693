"""What the in-memory stores share: immutable records in dictionaries, under one lock, with one clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations_hub.audit.model import AuditRecord
from integrations_hub.catalog.model import Integration, name_key
from integrations_hub.catalog.plugin import PluginRecord
from integrations_hub.errors import NameTaken
from integrations_hub.events.model import NO_SUBJECT, Event
from integrations_hub.health.model import HistoryEntry, Standing
from integrations_hub.tenants.model import TenantSettings

__all__ = ["Lease", "Memory", "State", "StoredKey", "StoredOne", "Waiting"]


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may do a piece of work, and until when nobody else may."""

    token: UUID
    claimed_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class StoredOne:
    """An integration with its standing, its checks and its readers."""

    given: Integration
    standing: Standing = field(default_factory=Standing)
    status_changed_at: datetime | None = None
    lease: Lease | None = None
    history: tuple[tuple[HistoryEntry, bool], ...] = ()  # with whether it was in maintenance
    latest: HistoryEntry | None = None
    consumers: Mapping[str, datetime] = field(default_factory=dict)
    event_seq: int = 0

    @property
    def counted_by(self) -> tuple[str, str, str]:
        """Return what its provider counts requests by: tenant, host, credential."""
        return self.given.tenant_id, self.given.target, self.given.auth_ref_uri or ""

    @property
    def integration(self) -> Integration:
        """Return the integration as it is read, standing included."""
        standing = self.standing
        return replace(
            self.given,
            status=standing.status,
            reason=standing.reason,
            status_changed_at=self.status_changed_at,
            last_checked_at=standing.last_checked_at,
            next_check_at=standing.next_check_at,
            stale_at=standing.stale_at,
            credential_ends_at=standing.credential_ends_at,
            credential_rotated_at=standing.credential_rotated_at,
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event in the outbox; with a destination, on its way there under an id of its own."""

    event: Event
    tenant_id: str
    sequence: int
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    lease: Lease | None = None
    settled: bool = False
    id: UUID = NO_SUBJECT
    destination: str = ""
    dead_at: datetime | None = None
    error: str = ""

    @property
    def open(self) -> bool:
        """Tell whether it is still to be delivered."""
        return not self.settled and self.dead_at is None


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An idempotency key with the answer given under it."""

    body_sha256: bytes
    answer: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """Which secrets prove an integration's deliveries."""

    secret_ref: str | None = None
    pending_ref: str | None = None
    previous_ref: str | None = None
    replaced_at: datetime | None = None


@dataclass(slots=True)
class State:
    """All that is stored."""

    integrations: dict[UUID, StoredOne] = field(default_factory=dict)
    outbox: dict[UUID, Waiting] = field(default_factory=dict)
    chains: dict[str, tuple[AuditRecord, ...]] = field(default_factory=dict)
    keys: dict[tuple[str, str, str, str], StoredKey] = field(default_factory=dict)
    allowances: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    plugins: dict[str, PluginRecord] = field(default_factory=dict)
    webhooks: dict[UUID, StoredWebhook] = field(default_factory=dict)
    deliveries: set[tuple[str, UUID, bytes]] = field(default_factory=set)
    incidents: dict[str, UUID] = field(default_factory=dict)
    ways: dict[UUID, Waiting] = field(default_factory=dict)
    settings: dict[str, TenantSettings] = field(default_factory=dict)
    rests: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    def copied(self) -> State:
        """Return a state that can change without changing this one: what it holds is immutable."""
        return State(
            dict(self.integrations),
            dict(self.outbox),
            dict(self.chains),
            dict(self.keys),
            dict(self.allowances),
            dict(self.plugins),
            dict(self.webhooks),
            set(self.deliveries),
            dict(self.incidents),
            dict(self.ways),
            dict(self.settings),
            dict(self.rests),
        )

    def check_names(self) -> None:
        """Refuse two integrations of one name in one tenant.

        Raises:
            NameTaken: there are two.
        """
        kept = [one.given for one in self.integrations.values() if one.given.deleted_at is None]
        if len({(one.tenant_id, name_key(one.name)) for one in kept}) < len(kept):
            raise NameTaken("Another integration of this tenant has this name. Choose another.")

    def resting_until(self, counted_by: tuple[str, str, str], now: datetime) -> datetime | None:
        """Return until when a host asked to be left alone with a credential; None when it may be asked."""
        until = self.rests.get(counted_by)
        return until if until and until > now else None

    def emit(self, event: Event, now: datetime) -> None:
        """Put an event of a stored integration into the outbox."""
        one = self.integrations[event.integration_id]
        sequence = one.event_seq + 1
        self.integrations[event.integration_id] = replace(one, event_seq=sequence)
        self.outbox[event.id] = Waiting(event, one.given.tenant_id, sequence, now, now)


class Memory:
    """The state, its lock and its clock; the stores of one hub share one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Begin with nothing."""
        self.now = now
        self.lock = threading.RLock()
        self.state = State()

    def find(self, tenant: str, integration_id: UUID, *, deleted: bool = False) -> StoredOne | None:
        """Return a tenant's integration; only a deleted one when `deleted`."""
        one = self.state.integrations.get(integration_id)
        if one is None or one.given.tenant_id != tenant or (one.given.deleted_at is not None) != deleted:
            return None
        return one
