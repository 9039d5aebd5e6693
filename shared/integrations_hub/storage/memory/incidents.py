"""Incidents in memory, and secrets to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from integrations_hub.connector.results import CredentialFacts
from integrations_hub.events.model import NO_TENANT, Event
from integrations_hub.health.model import Look
from integrations_hub.health.radar import LOOK_AGAIN
from integrations_hub.storage.memory.state import Memory, StoredOne, Waiting

__all__ = ["MemoryIncidents"]


class MemoryIncidents:
    """Incidents, and secrets to look at (`health.ports.IncidentStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def open_incident(self, cause: str, event: Event) -> bool:
        """Open the incident of a cause, with its alert; False when it is open already."""
        with self._memory.lock:
            if cause in self._memory.state.incidents:
                return False
            self._memory.state.incidents[cause] = uuid4()
            self._tell(cause, event, 1)
        return True

    def close_incident(self, cause: str, event: Event) -> bool:
        """Close the incident of a cause, with its recovery; False when none is open."""
        with self._memory.lock:
            if cause not in self._memory.state.incidents:
                return False
            self._tell(cause, event, 2)
            del self._memory.state.incidents[cause]
        return True

    def open_incidents(self) -> Sequence[str]:
        """Return the causes of open incidents, oldest first."""
        return list(self._memory.state.incidents)

    def failing_by(self, cause: str) -> int:
        """Return how many integrations failed by a cause at their last check; paused ones do not count."""
        with self._memory.lock:
            stored = list(self._memory.state.integrations.values())
        return sum(1 for one in stored if one.standing.next_check_at and one.standing.cause == cause)

    def claim_looks(self, limit: int) -> Sequence[Look]:
        """Return secrets it is time to look at; each comes again in five minutes."""
        with self._memory.lock:
            now = self._memory.now()
            stored = [one for one in self._memory.state.integrations.values() if _to_look_at(one, now)][:limit]
            for one in stored:
                self._change(one, look_at=now + LOOK_AGAIN)
        return [_look(one) for one in stored]

    def wake(self, ids: Sequence[UUID], cause: str | None, after_s: float = 0, spread_s: float = 0) -> int:
        """Bring checks forward: of these, and of those that failed by a cause; return how many."""
        with self._memory.lock:
            stored = list(self._memory.state.integrations.values())
            asleep = [one for one in stored if one.standing.next_check_at and _is_meant(one, ids, cause)]
            for nth, one in enumerate(asleep):
                at = self._memory.now() + timedelta(seconds=after_s + spread_s * nth / len(asleep))
                waits = max(at, one.standing.retry_after_until or at)
                self._change(one, next_check_at=min(one.standing.next_check_at or waits, waits), look_at=None)
        return len(asleep)

    def _tell(self, cause: str, event: Event, sequence: int) -> None:
        subject, now = self._memory.state.incidents[cause], self._memory.now()
        told = replace(event, integration_id=subject)
        self._memory.state.outbox[event.id] = Waiting(told, NO_TENANT, sequence, now, now)

    def _change(self, one: StoredOne, **changes: Any) -> None:
        changed = replace(one, standing=one.standing._replace(**changes))
        self._memory.state.integrations[one.given.id] = changed


def _to_look_at(one: StoredOne, now: datetime) -> bool:
    return one.standing.look_at is not None and one.standing.look_at <= now and one.given.auth_ref_uri is not None


def _is_meant(one: StoredOne, ids: Sequence[UUID], cause: str | None) -> bool:
    return one.given.id in ids or (cause is not None and one.standing.cause == cause)


def _look(one: StoredOne) -> Look:
    return Look(
        integration_id=one.given.id,
        tenant_id=one.given.tenant_id,
        type=one.given.type,
        config=one.given.config,
        auth_ref_uri=one.given.auth_ref_uri or "",
        known=CredentialFacts(one.standing.secret_revision, one.standing.credential_rotated_at),
    )
