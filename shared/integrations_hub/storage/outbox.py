"""The outbox on PostgreSQL, across tenants, through functions that can do only this."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from integrations_hub.events.model import Event, EventType, OutboxItem, Severity
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row

__all__ = ["PostgresOutbox"]


class PostgresOutbox:
    """Leases events and settles them (`events.ports.OutboxStore`)."""

    def __init__(self, connections: Connections) -> None:
        """Work as hub_worker."""
        self._connections = connections

    def claim(self, limit: int, lease_s: float) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration that is due."""
        (rows,) = self._connections.run((sql.OUTBOX_CLAIM, {"limit": limit, "lease_s": lease_s}))
        return [_item_of(row) for row in rows]

    def delivered(self, leases: Sequence[UUID]) -> None:
        """Mark leased events as delivered."""
        self._settle(list(leases), "delivered")

    def retry(self, lease: UUID, next_attempt_at: datetime, error: str) -> None:
        """Give one back for a later attempt."""
        self._settle([lease], "retry", next_attempt_at, error)

    def give_up(self, lease: UUID, error: str) -> None:
        """Move one to the dead letters."""
        self._settle([lease], "dead", None, error)

    def _settle(
        self, leases: list[UUID], outcome: str, again_at: datetime | None = None, error: str | None = None
    ) -> None:
        parameters = {"leases": leases, "outcome": outcome, "again_at": again_at, "error": error}
        self._connections.run((sql.OUTBOX_SETTLE, parameters))


def _item_of(row: Row) -> OutboxItem:
    event = Event(EventType(row["type"]), row["integration_id"], row["data"], Severity(row["severity"]), row["id"])
    return OutboxItem(event, row["tenant_id"], row["sequence"], row["created_at"], row["attempts"], row["lease"])
