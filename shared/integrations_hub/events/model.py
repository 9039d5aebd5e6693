"""What the hub tells others: CloudEvents 1.0 that leave through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from integrations_hub.observability.traces import current

__all__ = ["NO_SUBJECT", "NO_TENANT", "DeadLetter", "Event", "EventType", "OutboxItem", "Severity"]


NO_TENANT = "-"  # of the deployment's own events; outside the grammar of tenants
NO_SUBJECT = UUID(int=0)  # of an incident that is not opened yet, and of a test


class EventType(StrEnum):
    """The events the hub emits; `subject` is the integration's id, never its config.

    An incident is the deployment's own: its subject is the incident, and it has no tenant. A test has no subject.
    """

    CREATED = "integration.created"
    UPDATED = "integration.updated"
    DELETED = "integration.deleted"
    RESTORED = "integration.restored"
    CHECKED = "integration.checked"
    HEALTH_CHANGED = "integration.health_changed"
    CREDENTIAL_ENDING = "integration.credential_ending"
    EVENT_RECEIVED = "integration.event_received"
    INCIDENT_OPENED = "hub.incident_opened"
    INCIDENT_CLOSED = "hub.incident_closed"
    ALERT_TEST = "hub.alert_test"


class Severity(StrEnum):
    """How loudly an event asks for attention; `alert` opens an incident and `recovery` closes it."""

    INFO = "info"
    ALERT = "alert"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Event:
    """One event about one integration. `id` is stable: a repeated delivery is recognisable as a repeat.

    `traceparent` is that of what it came of; empty where nothing was under way.
    """

    type: EventType
    integration_id: UUID
    data: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.INFO
    id: UUID = field(default_factory=uuid4)
    traceparent: str = field(default_factory=current, compare=False)


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """An event on its way to one destination: of which tenant, the how-manieth of its integration, how often tried.

    `destination` is a channel of the deployment, or a tenant's own route with its address and its secret's reference;
    both are None when the route was removed since.
    """

    event: Event
    tenant_id: str
    sequence: int
    created_at: datetime
    attempts: int
    lease: UUID
    destination: str = "log"
    url: str | None = None
    secret_ref: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was given up on its way to one destination, and why."""

    id: UUID
    event_id: UUID
    destination: str
    tenant_id: str
    integration_id: UUID
    type: EventType
    created_at: datetime
    dead_at: datetime
    attempts: int
    error: str
