"""The audit trail in memory: the same chain, link by link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import rfc8785

from integrations_hub.audit.model import AuditEntry, AuditRecord
from integrations_hub.caller import Caller
from integrations_hub.storage.memory.state import Memory, State

__all__ = ["MemoryAudit", "append_link"]


def append_link(state: State, caller: Caller, entry: AuditEntry, now: datetime) -> None:
    """Add one link to the caller's tenant's chain."""
    chain = state.chains.get(caller.tenant, ())
    details = cast("dict[str, Any]", entry.details)
    link: dict[str, Any] = {
        "tenantId": caller.tenant,
        "seq": len(chain) + 1,
        "timestamp": now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "actor": caller.subject,
        "action": str(entry.action),
        "integrationId": str(entry.integration_id) if entry.integration_id else None,
        "details": details,
    }
    prev_hash = chain[-1].hash if chain else "00" * 32
    record = AuditRecord(
        caller.tenant,
        len(chain) + 1,
        str(link["timestamp"]),
        caller.subject,
        str(entry.action),
        entry.integration_id,
        rfc8785.dumps(details).decode(),
        prev_hash,
        sha256(bytes.fromhex(prev_hash) + rfc8785.dumps(link)).hexdigest(),
    )
    state.chains[caller.tenant] = (*chain, record)


class MemoryAudit:
    """Appends to the tenant's chain and reads it (`audit.ports.AuditStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def append(self, caller: Caller, entry: AuditEntry) -> None:
        """Append one entry that goes with no other change."""
        with self._memory.lock:
            append_link(self._memory.state, caller, entry, self._memory.now())

    def page(
        self, tenant: str, integration_id: UUID | None, after_seq: int, limit: int
    ) -> Sequence[AuditRecord] | None:
        """Return records with seq > after_seq; None when the integration never existed in this tenant."""
        with self._memory.lock:
            chain = self._memory.state.chains.get(tenant, ())
            stored = self._memory.state.integrations.get(integration_id) if integration_id else None
        about = [one for one in chain if integration_id in (None, one.integration_id)]
        if integration_id and not about and (stored is None or stored.given.tenant_id != tenant):
            return None
        return [one for one in about if one.seq > after_seq][:limit]
