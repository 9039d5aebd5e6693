"""Health in memory: claims, results, history, and what it adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from integrations_hub.events.model import Event, EventType, Severity
from integrations_hub.health.machine import OF_A_TENANT
from integrations_hub.health.model import Claim, HealthOverview, HistoryEntry, LatestHealth, OverviewQuery, Recorded
from integrations_hub.storage.memory.state import Lease, Memory, StoredOne
from integrations_hub.storage.memory.windows import hour_of, spark_point_of, window_of
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

    def resting_until(self, tenant: str, target: str, auth_ref_uri: str | None) -> datetime | None:
        """Return until when a host asked to be left alone with a credential; None when it may be asked."""
        return self._memory.state.resting_until((tenant, target, auth_ref_uri or ""), self._memory.now())

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check; None when there is no such integration."""
        with self._memory.lock:
            found = self._memory.find(tenant, integration_id)
        if found is None:
            return None
        last, lease = found.latest, found.lease
        waits = (found.standing.retry_after_until, self._memory.state.rests.get(found.counted_by))
        until = max((at for at in waits if at), default=None)
        return LatestHealth(
            standing=found.standing._replace(retry_after_until=until),
            status_changed_at=found.status_changed_at,
            claimed_at=lease.claimed_at if lease else None,
            leased_until=lease.until if lease else None,
            latency_ms=last.latency_ms if last else None,
            check_status=last.status if last else None,
            check_reason=last.reason if last else None,
            error_message=last.error_message if last else None,
            steps=(last.steps or ()) if last else (),
        )

    def overview(self, tenant: str, integration_id: UUID, asked: OverviewQuery) -> HealthOverview | None:
        """Return the latest check and what the past adds up to; None when there is no such integration."""
        with self._memory.lock:
            latest, one = self.latest(tenant, integration_id), self._memory.state.integrations.get(integration_id)
        if latest is None or one is None:
            return None
        entries, this_hour = [entry for entry, quiet in one.history if not quiet], hour_of(self._memory.now())
        past = sorted((entry for entry, _ in one.history), key=lambda entry: entry.checked_at, reverse=True)
        hours = [this_hour - timedelta(hours=ago) for ago in reversed(range(asked.points))]
        return HealthOverview(
            latest,
            [
                window_of(span, [one for one in entries if one.checked_at >= this_hour - timedelta(hours=span)])
                for span in asked.windows
            ],
            [spark_point_of(hour, [one for one in entries if hour_of(one.checked_at) == hour]) for hour in hours],
            [one for one in past if asked.before is None or one.checked_at < asked.before][: asked.limit],
        )


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
            free = [one for _, one in due[:limit] if not _rests(self._memory, one)]
            return [_claimed(self._memory, one, lease_s) for one in free]

    def take(self, leases: Sequence[tuple[UUID, UUID]], lease_s: float) -> Sequence[Claim]:
        """Exchange leases that messages brought (integration, token) for fresh ones; a stale one gives nothing."""
        with self._memory.lock:
            held = [one for id_, lease in set(leases) if (one := _held(self._memory, id_, lease))]
            return [_claimed(self._memory, one, lease_s) for one in held]

    def give_back(self, claims: Sequence[Claim]) -> int:
        """Give leases back unused; return how many were still held."""
        with self._memory.lock:
            held = [one for claim in claims if (one := _held(self._memory, claim.integration_id, claim.lease))]
            self._memory.state.integrations.update({one.given.id: replace(one, lease=None) for one in held})
        return len(held)

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results, each in place of its lease; return the ids written."""
        with self._memory.lock:
            return [one.integration_id for one in results if _record(self._memory, one)]


def _held(memory: Memory, integration_id: UUID, lease: UUID) -> StoredOne | None:
    """Return an integration when the lease is its own."""
    one = memory.state.integrations.get(integration_id)
    return one if one and one.lease and one.lease.token == lease else None


def _rests(memory: Memory, one: StoredOne) -> bool:
    """Tell whether its host asked to be left alone; it is then due after that, and keeps a status believed now."""
    now, standing = memory.now(), one.standing
    until = memory.state.resting_until(one.counted_by, now)
    if until is None:
        return False
    stale_at = standing.stale_at
    if stale_at and stale_at >= now:
        stale_at = max(stale_at, until + timedelta(seconds=one.given.check_interval_seconds))
    waiting = standing._replace(next_check_at=until, retry_after_until=until, stale_at=stale_at)
    memory.state.integrations[one.given.id] = replace(one, standing=waiting)
    return True


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
    one = _held(memory, result.integration_id, result.lease)
    if one is None:
        return False
    if until := result.standing.retry_after_until:
        before = memory.state.rests.get(one.counted_by, until)
        memory.state.rests[one.counted_by] = max(before, until)
    if _stands_aside(memory, one, result):
        news = [
            _as_news(event)
            for event in result.events
            if not (_alerts(event) and event.data["from"] == event.data["to"])
        ]
        result = result._replace(standing=result.standing._replace(alert_open=False), events=news)
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


def _stands_aside(memory: Memory, one: StoredOne, result: Recorded) -> bool:
    """Tell whether its alert is opened by a cause for which another integration of the tenant has alerted already."""
    cause = result.standing.cause or ""
    if not (cause.startswith(OF_A_TENANT) and any(map(_alerts, result.events))):
        return False
    others = (o for o in memory.state.integrations.values() if o.given.id != one.given.id)
    return any(
        o.given.tenant_id == one.given.tenant_id
        and o.standing.cause == cause
        and o.standing.alert_open
        and o.standing.stale_at is not None
        and o.standing.stale_at >= result.checked_at
        for o in others
    )


def _alerts(event: Event) -> bool:
    return event.type is EventType.HEALTH_CHANGED and event.severity is Severity.ALERT


def _as_news(event: Event) -> Event:
    return replace(event, severity=Severity.INFO) if _alerts(event) else event
