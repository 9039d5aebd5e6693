"""The outbox on PostgreSQL, across tenants, through functions that can do only this."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from integrations_hub.events.model import DeadLetter, Event, EventType, OutboxItem, Severity
from integrations_hub.events.routes import LOG
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row

__all__ = ["PostgresDeadLetters", "PostgresOutbox"]

_ROUTED_AT_ONCE = 500


class PostgresOutbox:
    """Leases events and settles them (`events.ports.OutboxStore`)."""

    def __init__(self, connections: Connections, channels: Sequence[str] = (LOG,)) -> None:
        """Work as hub_worker; events of tenants without routes go to each of these channels."""
        self._connections = connections
        self._channels = list(channels)

    def claim(self, limit: int, lease_s: float, avoid: Collection[str] = ()) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration and destination that is due."""
        route = {"channels": self._channels, "limit": _ROUTED_AT_ONCE}
        wanted = {"limit": limit, "lease_s": lease_s, "avoid": list(avoid)}
        _, rows = self._connections.run((sql.ROUTE_EVENTS, route), (sql.CLAIM_DELIVERIES, wanted))
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
        self._connections.run((sql.SETTLE_DELIVERIES, parameters))


class PostgresDeadLetters:
    """What was given up (`events.ports.DeadLetterStore`)."""

    def __init__(self, connections: Connections) -> None:
        """Work as hub_worker."""
        self._connections = connections

    def dead_letters(self, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[DeadLetter]:
        """Return up to `limit` after a position, oldest first."""
        after_at, after_id = after or (None, None)
        parameters = {"after_at": after_at, "after_id": after_id, "limit": limit}
        (rows,) = self._connections.run((sql.DEAD_LETTERS, parameters))
        return [DeadLetter(**{**row, "type": EventType(row["type"])}) for row in rows]

    def replay(self, ids: Sequence[UUID], destination: str | None) -> int:
        """Have these sent again, and all of a destination; return how many."""
        parameters = {"ids": list(ids), "destination": destination}
        ((row,),) = self._connections.run((sql.REPLAY_DEAD_LETTERS, parameters))
        return int(row["count"])


def _item_of(row: Row) -> OutboxItem:
    event = Event(
        EventType(row["type"]),
        row["integration_id"],
        row["data"],
        Severity(row["severity"]),
        row["id"],
        row["traceparent"] or "",
    )
    rest = ("tenant_id", "sequence", "created_at", "attempts", "lease", "destination", "url", "secret_ref")
    return OutboxItem(event, **{name: row[name] for name in rest})
