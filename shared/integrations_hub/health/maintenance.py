"""Upkeep: partitions ahead of time, old ones dropped, and what was kept long enough removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

__all__ = ["Kept", "MaintenanceReport", "MaintenanceService", "MaintenanceStore"]

_DAYS_AHEAD = 7
_KEYS_KEPT = timedelta(hours=24)


class MaintenanceStore(Protocol):
    """What upkeep asks of storage; each returns how many partitions or rows it made or removed."""

    def ensure_partitions(self, days: int) -> int:
        """Make the partitions of checks for today and so many days ahead."""

    def drop_partitions(self, before: datetime) -> int:
        """Drop the partitions of checks that end before a time."""

    def purge_deleted(self, before: datetime) -> int:
        """Remove integrations deleted before a time; the audit trail keeps theirs, and says so."""

    def purge_delivered(self, before: datetime) -> int:
        """Remove events delivered before a time."""

    def purge_idempotency_keys(self, before: datetime) -> int:
        """Remove idempotency keys made before a time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long things are kept, in days."""

    checks: int
    deleted: int
    delivered: int


@dataclass(frozen=True, slots=True)
class MaintenanceReport:
    """What one run did."""

    partitions_made: int
    partitions_dropped: int
    integrations_purged: int
    events_purged: int
    keys_purged: int


@dataclass(frozen=True, slots=True)
class MaintenanceService:
    """Keeps the storage in shape; safe to repeat and to interrupt."""

    store: MaintenanceStore
    kept: Kept
    now: Callable[[], datetime]

    def maintain_storage(self) -> MaintenanceReport:
        """Do all of it once."""
        now = self.now()
        return MaintenanceReport(
            partitions_made=self.store.ensure_partitions(_DAYS_AHEAD),
            partitions_dropped=self.store.drop_partitions(now - timedelta(days=self.kept.checks)),
            integrations_purged=self.store.purge_deleted(now - timedelta(days=self.kept.deleted)),
            events_purged=self.store.purge_delivered(now - timedelta(days=self.kept.delivered)),
            keys_purged=self.store.purge_idempotency_keys(now - _KEYS_KEPT),
        )
