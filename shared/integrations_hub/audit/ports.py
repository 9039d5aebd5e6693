"""What the audit trail asks of storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from integrations_hub.audit.model import AuditEntry, AuditRecord
from integrations_hub.caller import Caller

__all__ = ["AuditStore"]


class AuditStore(Protocol):
    """The tenant's chain: append and read; nothing else is possible."""

    def append(self, caller: Caller, entry: AuditEntry) -> None:
        """Append one entry that goes with no other change (a dry run)."""

    def page(
        self, tenant: str, integration_id: UUID | None, after_seq: int, limit: int
    ) -> Sequence[AuditRecord] | None:
        """Return records with seq > after_seq, ascending, of one integration (deleted ones too) or of all.

        None when the integration never existed in this tenant.
        """
