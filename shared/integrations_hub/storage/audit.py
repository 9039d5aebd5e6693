"""The audit trail on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from integrations_hub.audit.model import AuditEntry, AuditRecord
from integrations_hub.caller import Caller
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row
from integrations_hub.storage.unit_of_work import UnitOfWork

__all__ = ["PostgresAudit"]


class PostgresAudit:
    """Appends to the tenant's chain and reads it (`audit.ports.AuditStore`)."""

    def __init__(self, connections: Connections) -> None:
        """Read and append as hub_api."""
        self._connections = connections

    def append(self, caller: Caller, entry: AuditEntry) -> None:
        """Append one entry that goes with no other change."""
        with self._connections.session() as session:
            unit = UnitOfWork(session, caller)
            unit.record(entry)
            unit.commit()

    def page(
        self, tenant: str, integration_id: UUID | None, after_seq: int, limit: int
    ) -> Sequence[AuditRecord] | None:
        """Return records with seq > after_seq; None when the integration never existed in this tenant."""
        parameters = {"tenant": tenant, "integration_id": integration_id, "after_seq": after_seq, "limit": limit}
        if integration_id is None:
            (rows,) = self._connections.read(tenant, (sql.AUDIT_PAGE, parameters))
            return [_record_of(row) for row in rows]
        rows, known = self._connections.read(tenant, (sql.AUDIT_PAGE_OF, parameters), (sql.AUDIT_KNOWN, parameters))
        return [_record_of(row) for row in rows] if known[0]["known"] else None


def _record_of(row: Row) -> AuditRecord:
    return AuditRecord(**{**row, "prev_hash": row["prev_hash"].hex(), "hash": row["hash"].hex()})
