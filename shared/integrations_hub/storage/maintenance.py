"""The upkeep of PostgreSQL: partitions ahead, partitions behind, and what was kept long enough."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections

__all__ = ["PostgresMaintenance"]

_AT_ONCE = 1000


class PostgresMaintenance:
    """Each method returns how many partitions or rows it made or removed."""

    def __init__(self, connections: Connections) -> None:
        """Work as hub_maintenance."""
        self._connections = connections

    def ensure_partitions(self, days: int) -> int:
        """Make the partitions of checks for today and so many days ahead."""
        return self._count(sql.ENSURE_PARTITIONS, {"days": days})

    def drop_partitions(self, before: datetime) -> int:
        """Drop the partitions of checks that end before a time; those of the last week stay, whatever it is."""
        return self._count(sql.DROP_PARTITIONS, {"before": before})

    def purge_deleted(self, before: datetime) -> int:
        """Remove integrations deleted before a time, with their traces but the audit trail, which says so."""
        return self._purge(sql.PURGE_DELETED, before)

    def purge_delivered(self, before: datetime) -> int:
        """Remove events delivered before a time."""
        return self._purge(sql.PURGE_DELIVERED, before)

    def purge_idempotency_keys(self, before: datetime) -> int:
        """Remove idempotency keys made before a time; those within their 24 hours stay, whatever it is."""
        return self._purge(sql.PURGE_IDEMPOTENCY_KEYS, before)

    def _purge(self, statement: LiteralString, before: datetime) -> int:
        """Remove in batches, each a transaction within the statement's time limit."""
        removed = 0
        while batch := self._count(statement, {"before": before, "limit": _AT_ONCE}):
            removed += batch
        return removed

    def _count(self, statement: LiteralString, parameters: dict[str, object]) -> int:
        ((row,),) = self._connections.run((statement, parameters))
        return int(row["count"])
