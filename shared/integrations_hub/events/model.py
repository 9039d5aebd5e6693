"""What the hub tells others: CloudEvents 1.0 that leave through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

__all__ = ["Event", "EventType", "OutboxItem", "Severity"]


class EventType(StrEnum):
    """The events the hub emits; `subject` is the integration's id, never its config."""

    CREATED = "integration.created"
    UPDATED = "integration.updated"
    DELETED = "integration.deleted"
    RESTORED = "integration.restored"
    CHECKED = "integration.checked"
    HEALTH_CHANGED = "integration.health_changed"


class Severity(StrEnum):
    """How loudly an event asks for attention; `alert` opens an incident and `recovery` closes it."""

    INFO = "info"
    ALERT = "alert"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Event:
    """One event about one integration. `id` is stable: a repeated delivery is recognisable as a repeat."""

    type: EventType
    integration_id: UUID
    data: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.INFO
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """An event on its way out: of which tenant, the how-manieth of its integration, and how often it was tried."""

    event: Event
    tenant_id: str
    sequence: int
    created_at: datetime
    attempts: int
    lease: UUID
