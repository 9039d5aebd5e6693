"""One tenant's health on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from integrations_hub.connector.reasons import Reason
from integrations_hub.health.model import Claim, HealthWindow, HistoryEntry, LatestHealth, Recorded
from integrations_hub.health.status import Status
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row
from integrations_hub.storage.rows import claim_of, results_payload, standing_of

__all__ = ["PostgresHealth"]


class PostgresHealth:
    """The check on demand, and what is known (`health.ports.HealthStore`)."""

    def __init__(self, connections: Connections) -> None:
        """Read and write as hub_api."""
        self._connections = connections

    def claim(self, tenant: str, integration_id: UUID, lease_s: float) -> Claim | None:
        """Lease one integration now; None when it is leased already or does not exist."""
        parameters = {"tenant": tenant, "id": integration_id, "lease_s": lease_s}
        # locked by a statement before: the claim then sees what a change that it waited for has made of the config
        _, rows = self._connections.read(tenant, (sql.LOCK_HEALTH, parameters), (sql.CLAIM_ONE, parameters))
        return claim_of(rows[0]) if rows else None

    def record(self, tenant: str, result: Recorded) -> bool:
        """Write one result in place of its lease; False when the lease was stale."""
        (rows,) = self._connections.read(tenant, (sql.RECORD_RESULT, {"payload": results_payload([result])}))
        return bool(rows)

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check; None when there is no such integration."""
        (rows,) = self._connections.read(tenant, (sql.LATEST, {"tenant": tenant, "id": integration_id}))
        return _latest_of(rows[0]) if rows else None

    def windows(self, tenant: str, integration_id: UUID, hours: Sequence[int]) -> Sequence[HealthWindow]:
        """Return what the checks of the last so-many hours add up to."""
        parameters = {"tenant": tenant, "id": integration_id, "hours": list(hours)}
        (rows,) = self._connections.read(tenant, (sql.WINDOWS, parameters))
        return [HealthWindow(**row) for row in rows]

    def history(self, tenant: str, integration_id: UUID, before: datetime | None, limit: int) -> Sequence[HistoryEntry]:
        """Return past checks, newest first."""
        parameters = {"tenant": tenant, "id": integration_id, "before": before, "limit": limit}
        (rows,) = self._connections.read(tenant, (sql.HISTORY, parameters))
        return [
            HistoryEntry(**{**row, "status": Status(row["status"]), "reason": Reason(row["reason"])}) for row in rows
        ]


def _latest_of(row: Row) -> LatestHealth:
    return LatestHealth(
        standing=standing_of(row),
        status_changed_at=row["status_changed_at"],
        claimed_at=row["claimed_at"],
        leased_until=row["lease_until"],
        latency_ms=row["last_latency_ms"],
        check_status=Status(row["last_status"]) if row["last_status"] else None,
        check_reason=Reason(row["last_reason"]) if row["last_reason"] else None,
        error_message=row["last_error"],
        steps=row["last_steps"],
    )
