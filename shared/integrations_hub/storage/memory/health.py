"""Health in memory: claims, results, history, and what it adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from integrations_hub.health.model import Claim, HealthWindow, HistoryEntry, LatestHealth, Recorded
from integrations_hub.storage.memory.state import Lease, Memory, StoredOne
from integrations_hub.storage.memory.windows import window_of
from integrations_hub.storage.rows import step_json

__all__ = ["MemoryHealth", "MemorySweep"]


class MemoryHealth:
    """The check on demand, and what is known (`health.ports.HealthStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def claim(self, tenant: str, integration_id: UUID, lease_s: float) -> Claim | None:
        """Lease one integration now; None when it is leased already or does not exist."""
        with self._memory.lock:
            found = self._memory.find(tenant, integration_id)
            return _claimed(self._memory, found, lease_s) if found and _is_free(found, self._memory.now()) else None

    def record(self, tenant: str, result: Recorded) -> bool:
        """Write one result in place of its lease; False when the lease was stale."""
        with self._memory.lock:
            return self._memory.find(tenant, result.integration_id) is not None and _record(self._memory, result)

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check; None when there is no such integration."""
        with self._memory.lock:
            found = self._memory.find(tenant, integration_id)
        if found is None:
            return None
        last, lease = found.latest, found.lease
        return LatestHealth(
            standing=found.standing,
            status_changed_at=found.status_changed_at,
            claimed_at=lease.claimed_at if lease else None,
            leased_until=lease.until if lease else None,
            latency_ms=last.latency_ms if last else None,
            check_status=last.status if last else None,
            check_reason=last.reason if last else None,
            error_message=last.error_message if last else None,
            steps=(last.steps or ()) if last else (),
        )

    def windows(self, tenant: str, integration_id: UUID, hours: Sequence[int]) -> Sequence[HealthWindow]:
        """Return what the checks of the last so-many hours add up to."""
        now = self._memory.now()
        entries = [entry for entry, in_maintenance in self._history(tenant, integration_id) if not in_maintenance]
        return [
            window_of(span, [one for one in entries if one.checked_at >= now - timedelta(hours=span)]) for span in hours
        ]

    def history(self, tenant: str, integration_id: UUID, before: datetime | None, limit: int) -> Sequence[HistoryEntry]:
        """Return past checks, newest first."""
        entries = sorted(
            (e for e, _ in self._history(tenant, integration_id)), key=lambda e: e.checked_at, reverse=True
        )
        return [one for one in entries if before is None or one.checked_at < before][:limit]

    def _history(self, tenant: str, integration_id: UUID) -> Sequence[tuple[HistoryEntry, bool]]:
        with self._memory.lock:
            one = self._memory.state.integrations.get(integration_id)
        return one.history if one and one.given.tenant_id == tenant else ()


class MemorySweep:
    """Claims what is due and records what was found, across tenants (`health.ports.SweepStore`)."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory

    def claim_due(self, limit: int, lease_s: float, look_ahead_s: float = 0) -> Sequence[Claim]:
        """Lease up to `limit` integrations that are due, soonest first."""
        with self._memory.lock:
            now = self._memory.now()
            until = now + timedelta(seconds=look_ahead_s)
            free = [one for one in self._memory.state.integrations.values() if _is_free(one, now)]
            due = [(at, one) for one in free if (at := one.standing.next_check_at) and at <= until]
            due.sort(key=lambda pair: pair[0])
            return [_claimed(self._memory, one, lease_s) for _, one in due[:limit]]

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results, each in place of its lease; return the ids written."""
        with self._memory.lock:
            return [one.integration_id for one in results if _record(self._memory, one)]


def _is_free(one: StoredOne, now: datetime) -> bool:
    return one.lease is None or one.lease.until <= now


def _claimed(memory: Memory, one: StoredOne, lease_s: float) -> Claim:
    now, given = memory.now(), one.given
    lease = Lease(uuid4(), now, now + timedelta(seconds=lease_s))
    memory.state.integrations[given.id] = replace(one, lease=lease)
    return Claim(
        integration_id=given.id,
        tenant_id=given.tenant_id,
        lease=lease.token,
        claimed_at=lease.claimed_at,
        type=given.type,
        name=given.name,
        config=given.config,
        auth_ref_uri=given.auth_ref_uri,
        target=given.target,
        check_interval_seconds=given.check_interval_seconds,
        failure_threshold=given.failure_threshold,
        success_threshold=given.success_threshold,
        paused=given.paused,
        maintenance=given.maintenance,
        standing=one.standing,
    )


def _record(memory: Memory, result: Recorded) -> bool:
    one = memory.state.integrations.get(result.integration_id)
    if one is None or one.lease is None or one.lease.token != result.lease:
        return False
    entry = HistoryEntry(
        checked_at=result.checked_at,
        status=result.check_status,
        reason=result.check_reason,
        latency_ms=result.latency_ms,
        error_message=result.error_message,
        steps=[step_json(step) for step in result.steps],
    )
    kept = entry if result.keep_steps else replace(entry, steps=None)
    same = one.standing.status is result.standing.status
    memory.state.integrations[result.integration_id] = replace(
        one,
        standing=result.standing,
        status_changed_at=one.status_changed_at if same else result.checked_at,
        lease=None,
        history=(*one.history, (kept, result.in_maintenance)),
        latest=entry,
    )
    for event in result.events:
        memory.state.emit(event, memory.now())
    return True
