"""The sweep's claims and results on PostgreSQL, across tenants, through functions that can do only this."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import LiteralString
from uuid import UUID

from integrations_hub.errors import StorageUnavailable
from integrations_hub.events.kick import no_kick
from integrations_hub.events.model import Event
from integrations_hub.events.ports import Kick
from integrations_hub.health.model import Claim, Look, Recorded
from integrations_hub.storage import statements as sql
from integrations_hub.storage.connections import Connections, Statement
from integrations_hub.storage.rows import claim_of, jsonb, look_of, results_payload

__all__ = ["PostgresSweep"]

_log = logging.getLogger(__name__)
_DAYS_AHEAD = 7


class PostgresSweep:
    """Claims what is due and records what was found (`health.ports.SweepStore` and `IncidentStore`)."""

    def __init__(
        self,
        connections: Connections,
        kick: Kick = no_kick,
        *,
        outstanding: int = 5000,
        per_target: int = 50,
        per_tenant: int = 500,
    ) -> None:
        """Work as hub_worker. At most so many leases of due checks at once: in all, of one host, of one tenant."""
        self._connections = connections
        self._kick = kick
        self._caps = {"outstanding": outstanding, "per_target": per_target, "per_tenant": per_tenant}
        self._ensured_on: date | None = None

    def claim_due(self, limit: int, lease_s: float, look_ahead_s: float = 0) -> Sequence[Claim]:
        """Lease up to `limit` integrations that are due, soonest first; the first of a day makes partitions."""
        self._keep_house()
        wanted = {"limit": limit, "lease_s": lease_s, "look_ahead_s": look_ahead_s}
        (rows,) = self._connections.run((sql.CLAIM_DUE, {**wanted, **self._caps}))
        return [claim_of(row) for row in rows]

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results, each in place of its lease; return the ids written."""
        if not results:
            return []
        (rows, *_) = self._connections.run(
            (sql.RECORD_RESULTS, {"payload": results_payload(results)}), *_rests_of(results)
        )
        if any(one.events for one in results):
            self._kick()
        return [row["integration_id"] for row in rows]

    def take(self, leases: Sequence[tuple[UUID, UUID]], lease_s: float) -> Sequence[Claim]:
        """Exchange leases that messages brought (integration, token) for fresh ones; a stale one gives nothing."""
        wanted = {"ids": [one for one, _ in leases], "leases": [token for _, token in leases], "lease_s": lease_s}
        (rows,) = self._connections.run((sql.TAKE_CLAIMS, wanted))
        return [claim_of(row) for row in rows]

    def give_back(self, claims: Sequence[Claim]) -> int:
        """Give leases back unused; return how many were still held."""
        if not claims:
            return 0
        given = {"ids": [one.integration_id for one in claims], "leases": [one.lease for one in claims]}
        ((row,),) = self._connections.run((sql.GIVE_BACK, given))
        return int(row["count"])

    def open_incident(self, cause: str, event: Event) -> bool:
        """Open the incident of a cause, with its alert; False when it is open already."""
        return self._told(sql.OPEN_INCIDENT, cause, event)

    def close_incident(self, cause: str, event: Event) -> bool:
        """Close the incident of a cause, with its recovery; False when none is open."""
        return self._told(sql.CLOSE_INCIDENT, cause, event)

    def open_incidents(self) -> Sequence[str]:
        """Return the causes of open incidents, oldest first."""
        (rows,) = self._connections.run((sql.OPEN_INCIDENTS, {}))
        return [row["cause"] for row in rows]

    def failing_by(self, cause: str) -> int:
        """Return how many integrations failed by a cause at their last check; paused ones do not count."""
        ((row,),) = self._connections.run((sql.FAILING_BY, {"cause": cause}))
        return int(row["count"])

    def claim_looks(self, limit: int) -> Sequence[Look]:
        """Return secrets it is time to look at; each comes again in five minutes."""
        (rows,) = self._connections.run((sql.CLAIM_LOOKS, {"limit": limit}))
        return [look_of(row) for row in rows]

    def wake(self, ids: Sequence[UUID], cause: str | None, after_s: float = 0, spread_s: float = 0) -> int:
        """Bring checks forward: of these, and of those that failed by a cause; return how many."""
        wanted = {"ids": list(ids), "cause": cause, "after_s": after_s, "spread_s": spread_s}
        ((row,),) = self._connections.run((sql.WAKE, wanted))
        return int(row["count"])

    def _told(self, statement: LiteralString, cause: str, event: Event) -> bool:
        parameters = {"cause": cause, "event_id": event.id, "data": jsonb(event.data)}
        ((row,),) = self._connections.run((statement, parameters))
        if row["done"]:
            self._kick()
        return bool(row["done"])

    def _keep_house(self) -> None:
        """Once a day make a week of partitions, and forget rests that are over; what fails is tried at each claim."""
        today = datetime.now(UTC).date()
        if self._ensured_on == today:
            return
        try:
            self._connections.run((sql.ENSURE_PARTITIONS, {"days": _DAYS_AHEAD}), (sql.PURGE_RESTS, {}))
        except StorageUnavailable:
            _log.warning("partitions could not be made", extra={"action": "ensure_partitions"})
            return
        self._ensured_on = today


def _rests_of(results: Sequence[Recorded]) -> Sequence[Statement]:
    """Return what notes the providers that asked to be left alone: beside the results, in their transaction."""
    wishes = [(one.integration_id, until) for one in results if (until := one.standing.retry_after_until)]
    if not wishes:
        return ()
    ids, untils = zip(*wishes, strict=True)
    return ((sql.NOTE_RESTS, {"ids": list(ids), "untils": list(untils)}),)
