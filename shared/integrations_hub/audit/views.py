"""The audit trail on the wire."""

from __future__ import annotations

import json
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from integrations_hub.audit.model import AuditRecord
from integrations_hub.views import Answer

__all__ = ["AuditPage", "AuditView"]


class AuditView(Answer):
    """One link of the chain.

    `hash` = SHA-256 over `prevHash` (32 bytes) and the RFC 8785 form of {tenantId, seq, timestamp, actor, action,
    integrationId, details}.
    """

    tenant_id: str
    seq: int
    timestamp: str = Field(description="RFC 3339 UTC with microseconds, exactly as it was hashed.")
    actor: str
    action: str
    integration_id: UUID | None
    details: dict[str, Any]
    prev_hash: str
    hash: str

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        """Write a record."""
        return cls(
            tenant_id=record.tenant_id,
            seq=record.seq,
            timestamp=record.timestamp,
            actor=record.actor,
            action=record.action,
            integration_id=record.integration_id,
            details=json.loads(record.details),
            prev_hash=record.prev_hash,
            hash=record.hash,
        )


class AuditPage(Answer):
    """A page of the audit trail, oldest first."""

    items: list[AuditView]
    next_page_token: str | None
