"""The upkeep of PostgreSQL: partitions ahead and behind, checks rolled up, and what was kept long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import LiteralString

from integrations_hub.health.maintenance import ChainHead
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections

__all__ = ["PostgresMaintenance"]

_AT_ONCE = 1000
_BATCHES = 2000  # of the roll-up in one run: twenty hours of 100,000 integrations; the rest waits for the next
_MONTHS_AHEAD = 2


class PostgresMaintenance:
    """Each method returns how many partitions or rows it made or removed."""

    def __init__(self, connections: Connections) -> None:
        """Work as hub_maintenance."""
        self._connections = connections

    def ensure_partitions(self, days: int) -> int:
        """Make the partitions of checks for today and so many days ahead, and of hours for the months around."""
        made = self._count(sql.ENSURE_HOUR_PARTITIONS, {"months": _MONTHS_AHEAD})
        return made + self._count(sql.ENSURE_PARTITIONS, {"days": days})

    def roll_up(self) -> int:
        """Add up the checks of hours that ended, and of hours that others arrived for since."""
        written = 0
        for _ in range(_BATCHES):
            ((batch,),) = self._connections.run((sql.ROLL_UP_CHECKS, {"limit": _AT_ONCE}))
            written += batch["hours"]
            if not batch["more"]:
                break
        return written

    def chain_heads(self) -> Iterator[ChainHead]:
        """Return the head of each tenant's audit chain."""
        after = ""
        while rows := self._connections.run((sql.CHAIN_HEADS, {"after": after, "limit": _AT_ONCE}))[0]:
            yield from (ChainHead(**row) for row in rows)
            after = rows[-1]["tenant_id"]

    def drop_partitions(self, before: datetime) -> int:
        """Drop the partitions of checks that end before a time; those of the last week stay, whatever it is."""
        return self._count(sql.DROP_PARTITIONS, {"before": before})

    def drop_hour_partitions(self, before: datetime) -> int:
        """Drop the partitions of hours that end before a time; those of the last month stay, whatever it is."""
        return self._count(sql.DROP_HOUR_PARTITIONS, {"before": before})

    def purge_deleted(self, before: datetime) -> int:
        """Remove integrations deleted before a time, with their traces but the audit trail, which says so."""
        return self._purge(sql.PURGE_DELETED, before)

    def purge_delivered(self, before: datetime) -> int:
        """Remove events delivered before a time, everywhere they went."""
        return self._purge(sql.PURGE_DELIVERED, before)

    def purge_dead_letters(self, before: datetime) -> int:
        """Remove deliveries given up before a time."""
        return self._purge(sql.PURGE_DEAD_LETTERS, before)

    def purge_idempotency_keys(self, before: datetime) -> int:
        """Remove idempotency keys made before a time; those within their 24 hours stay, whatever it is."""
        return self._purge(sql.PURGE_IDEMPOTENCY_KEYS, before)

    def purge_webhook_deliveries(self, before: datetime) -> int:
        """Forget deliveries received before a time; those of the last week stay, whatever it is."""
        return self._purge(sql.PURGE_WEBHOOK_DELIVERIES, before)

    def _purge(self, statement: LiteralString, before: datetime) -> int:
        """Remove in batches, each a transaction within the statement's time limit."""
        removed = 0
        while batch := self._count(statement, {"before": before, "limit": _AT_ONCE}):
            removed += batch
        return removed

    def _count(self, statement: LiteralString, parameters: dict[str, object]) -> int:
        ((row,),) = self._connections.run((statement, parameters))
        return int(row["count"])
