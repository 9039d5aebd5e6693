"""One tenant's health on PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from integrations_hub.connector.reasons import Reason
from integrations_hub.events.kick import no_kick
from integrations_hub.events.ports import Kick
from integrations_hub.health.model import (
    Claim,
    HealthOverview,
    HealthWindow,
    HistoryEntry,
    LatestHealth,
    OverviewQuery,
    Recorded,
    SparkPoint,
)
from integrations_hub.health.status import Status
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Row, Statement
from integrations_hub.storage.rows import claim_of, results_payload, standing_of

__all__ = ["PostgresHealth"]


class PostgresHealth:
    """The check on demand, and what is known (`health.ports.HealthStore`)."""

    def __init__(self, connections: Connections, kick: Kick = no_kick) -> None:
        """Read and write as hub_api."""
        self._connections = connections
        self._kick = kick

    def claim(self, tenant: str, integration_id: UUID, lease_s: float) -> Claim | None:
        """Lease one integration now; None when it is leased already or does not exist."""
        parameters = {"tenant": tenant, "id": integration_id, "lease_s": lease_s}
        # locked by a statement before: the claim then sees what a change that it waited for has made of the config
        _, rows = self._connections.read(tenant, (sql.LOCK_HEALTH, parameters), (sql.CLAIM_ONE, parameters))
        return claim_of(rows[0]) if rows else None

    def record(self, tenant: str, result: Recorded) -> bool:
        """Write one result in place of its lease; False when the lease was stale."""
        statements: list[Statement] = [(sql.RECORD_RESULT, {"payload": results_payload([result])})]
        if until := result.standing.retry_after_until:
            statements.append((sql.NOTE_REST, {"tenant": tenant, "id": result.integration_id, "until": until}))
        (rows, *_) = self._connections.read(tenant, *statements)
        if rows and result.events:
            self._kick()
        return bool(rows)

    def resting_until(self, tenant: str, target: str, auth_ref_uri: str | None) -> datetime | None:
        """Return until when a host asked to be left alone with a credential; None when it may be asked."""
        named = {"tenant": tenant, "target": target, "auth_ref_uri": auth_ref_uri or ""}
        (rows,) = self._connections.read(tenant, (sql.REST_OF, named))
        return rows[0]["until"] if rows else None

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check; None when there is no such integration."""
        (rows,) = self._connections.read(tenant, (sql.LATEST, {"tenant": tenant, "id": integration_id}))
        return _latest_of(rows[0]) if rows else None

    def overview(self, tenant: str, integration_id: UUID, asked: OverviewQuery) -> HealthOverview | None:
        """Return the latest check and what the past adds up to; None when there is no such integration."""
        one = {"tenant": tenant, "id": integration_id}
        latest, windows, points, history = self._connections.read(
            tenant,
            (sql.LATEST, one),
            (sql.WINDOWS, {**one, "hours": list(asked.windows)}),
            (sql.SPARKLINE, {**one, "points": asked.points}),
            (sql.HISTORY, {**one, "before": asked.before, "limit": asked.limit}),
        )
        if not latest:
            return None
        return HealthOverview(
            _latest_of(latest[0]),
            [HealthWindow(**row) for row in windows],
            [SparkPoint(**{**row, "status": Status(row["status"]) if row["status"] else None}) for row in points],
            [
                HistoryEntry(**{**row, "status": Status(row["status"]), "reason": Reason(row["reason"])})
                for row in history
            ],
        )


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
