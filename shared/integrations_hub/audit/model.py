"""The audit trail: who did what to which integration, in one hash chain per tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

__all__ = ["AuditAction", "AuditEntry", "AuditRecord"]


class AuditAction(StrEnum):
    """What is written down."""

    CREATED = "integration.created"
    UPDATED = "integration.updated"
    DELETED = "integration.deleted"
    RESTORED = "integration.restored"
    TESTED = "integration.tested"
    WEBHOOK_SET_UP = "webhook.set_up"
    SETTINGS_UPDATED = "settings.updated"
    ALERTS_TESTED = "alerts.tested"
    PURGED = "integration.purged"  # written by the database, by the actor `hub`


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What a change says of itself. Sequence, time and hash are the database's; `details` holds no secret."""

    action: AuditAction
    integration_id: UUID | None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One link of a tenant's chain.

    `hash` = SHA-256 over the 32 bytes of `prev_hash` followed by the RFC 8785 form of {tenantId, seq, timestamp,
    actor, action, integrationId, details}; both are written as lower-case hex. The first link's `prev_hash` is zeros.
    `timestamp` is RFC 3339 UTC with six decimals and `Z`, kept as text because it is hashed as text; `details` is
    the canonical JSON text that was hashed.
    """

    tenant_id: str
    seq: int
    timestamp: str
    actor: str
    action: str
    integration_id: UUID | None
    details: str
    prev_hash: str
    hash: str
