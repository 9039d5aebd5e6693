"""The sweep's claims and results on PostgreSQL, across tenants, through functions that can do only this."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from integrations_hub.errors import StorageUnavailable
from integrations_hub.health.model import Claim, Recorded
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections
from integrations_hub.storage.rows import claim_of, results_payload

__all__ = ["PostgresSweep"]

_log = logging.getLogger(__name__)
_DAYS_AHEAD = 7


class PostgresSweep:
    """Claims what is due and records what was found (`health.ports.SweepStore`)."""

    def __init__(
        self, connections: Connections, *, outstanding: int = 5000, per_target: int = 50, per_tenant: int = 500
    ) -> None:
        """Work as hub_worker. At most so many leases at once: in all, of one host, of one tenant."""
        self._connections = connections
        self._caps = {"outstanding": outstanding, "per_target": per_target, "per_tenant": per_tenant}
        self._ensured_on: date | None = None

    def claim_due(self, limit: int, lease_s: float, look_ahead_s: float = 0) -> Sequence[Claim]:
        """Lease up to `limit` integrations that are due, soonest first; the first of a day makes partitions."""
        self._ensure_partitions()
        wanted = {"limit": limit, "lease_s": lease_s, "look_ahead_s": look_ahead_s}
        (rows,) = self._connections.run((sql.CLAIM_DUE, {**wanted, **self._caps}))
        return [claim_of(row) for row in rows]

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results, each in place of its lease; return the ids written."""
        if not results:
            return []
        (rows,) = self._connections.run((sql.RECORD_RESULTS, {"payload": results_payload(results)}))
        return [row["integration_id"] for row in rows]

    def _ensure_partitions(self) -> None:
        """Make a week of partitions; one that cannot be made now is made at the next claim."""
        today = datetime.now(UTC).date()
        if self._ensured_on == today:
            return
        try:
            self._connections.run((sql.ENSURE_PARTITIONS, {"days": _DAYS_AHEAD}))
        except StorageUnavailable:
            _log.warning("partitions could not be made", extra={"action": "ensure_partitions"})
            return
        self._ensured_on = today
