"""Upkeep: partitions ahead of time, checks rolled up, old partitions dropped, and what was kept long enough removed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from integrations_hub.errors import HubError

__all__ = ["ChainHead", "Kept", "MaintenanceReport", "MaintenanceService", "MaintenanceStore"]

_log = logging.getLogger(__name__)
_DAYS_AHEAD = 7
_KEYS_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far a tenant's audit chain goes, and the hash (hex) that stands for all of it."""

    tenant_id: str
    seq: int
    hash: str


class MaintenanceStore(Protocol):
    """What upkeep asks of storage; each returns how many partitions or rows it made or removed."""

    def ensure_partitions(self, days: int) -> int:
        """Make the partitions of checks for today and so many days ahead, and of hours for the months around."""

    def roll_up(self) -> int:
        """Add up the checks of hours that ended, and of hours that others arrived for since."""

    def drop_partitions(self, before: datetime) -> int:
        """Drop the partitions of checks that end before a time."""

    def drop_hour_partitions(self, before: datetime) -> int:
        """Drop the partitions of rolled-up hours that end before a time."""

    def purge_deleted(self, before: datetime) -> int:
        """Remove integrations deleted before a time; the audit trail keeps theirs, and says so."""

    def purge_delivered(self, before: datetime) -> int:
        """Remove events delivered before a time."""

    def purge_dead_letters(self, before: datetime) -> int:
        """Remove deliveries given up before a time."""

    def purge_idempotency_keys(self, before: datetime) -> int:
        """Remove idempotency keys made before a time."""

    def purge_webhook_deliveries(self, before: datetime) -> int:
        """Forget deliveries received before a time."""

    def chain_heads(self) -> Iterable[ChainHead]:
        """Return the head of each tenant's audit chain."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long things are kept, in days."""

    checks: int
    hours: int
    deleted: int
    delivered: int
    dead: int
    received: int


@dataclass(frozen=True, slots=True)
class MaintenanceReport:
    """What one run did: how much each step made, wrote or removed, and why one could not."""

    done: Mapping[str, int]
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MaintenanceService:
    """Keeps the storage in shape; safe to repeat and to interrupt."""

    store: MaintenanceStore
    kept: Kept
    now: Callable[[], datetime]

    def maintain_storage(self) -> MaintenanceReport:
        """Do all of it once; a step that fails is told and keeps no other from being done."""
        done, failed = {}, {}
        for name, step in self._steps().items():
            try:
                done[name] = step()
            except Exception as error:  # noqa: BLE001 - whatever it is, the other steps are done
                failed[name] = error.detail if isinstance(error, HubError) else type(error).__name__
                _log.exception("a step of the upkeep failed", extra={"step": name})
        return MaintenanceReport(done, failed)

    def _steps(self) -> Mapping[str, Callable[[], int]]:
        """Return the steps in their order: what is rolled up first may be dropped next."""
        return {
            "partitions_made": lambda: self.store.ensure_partitions(_DAYS_AHEAD),
            "hours_rolled_up": self.store.roll_up,
            "partitions_dropped": lambda: self.store.drop_partitions(self._ago(self.kept.checks)),
            "hour_partitions_dropped": lambda: self.store.drop_hour_partitions(self._ago(self.kept.hours)),
            "integrations_purged": lambda: self.store.purge_deleted(self._ago(self.kept.deleted)),
            "events_purged": lambda: self.store.purge_delivered(self._ago(self.kept.delivered)),
            "dead_letters_purged": self._purge_dead_letters,
            "keys_purged": lambda: self.store.purge_idempotency_keys(self.now() - _KEYS_KEPT),
            "deliveries_purged": lambda: self.store.purge_webhook_deliveries(self._ago(self.kept.received)),
            "chain_heads_logged": self._log_chain_heads,
        }

    def _purge_dead_letters(self) -> int:
        """Remove old dead letters, and say so: from here on they cannot be replayed."""
        purged = self.store.purge_dead_letters(self._ago(self.kept.dead))
        if purged:
            said = "dead letters purged: %s, given up more than %s days ago"
            _log.warning(said, purged, self.kept.dead, extra={"action": "purge_dead_letters"})
        return purged

    def _log_chain_heads(self) -> int:
        """Leave a witness outside the database: who rewrites a chain from its beginning cannot rewrite the log."""
        count = 0
        for head in self.store.chain_heads():
            _log.info("audit chain head", extra={"tenantId": head.tenant_id, "seq": head.seq, "hash": head.hash})
            count += 1
        return count

    def _ago(self, days: int) -> datetime:
        return self.now() - timedelta(days=days)
