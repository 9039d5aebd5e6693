"""The ports in memory: real implementations for unit tests and rehearsals, judged by the same suite as PostgreSQL's.

One `Memory` holds the state; each store is a view of it. Everything is lost with the process, and one lock stands in
for transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from threading import RLock
from typing import Any
from uuid import UUID, uuid4

import rfc8785

from integrations_hub.audit.model import AuditEntry, AuditRecord
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import (
    Dependent,
    IdempotencyKey,
    Integration,
    IntegrationFilter,
    Position,
    Summary,
    name_key,
)
from integrations_hub.catalog.plugin import PluginRecord, PluginReport, PluginState
from integrations_hub.errors import Invalid, NameTaken
from integrations_hub.events.model import Event, OutboxItem
from integrations_hub.health.model import Claim, HealthWindow, HistoryEntry, LatestHealth, Recorded, Standing
from integrations_hub.health.status import Status, effective, stale_after

__all__ = [
    "Memory",
    "MemoryAudit",
    "MemoryCatalog",
    "MemoryHealth",
    "MemoryOutbox",
    "MemoryPlugins",
    "MemorySweep",
]

_DAY = timedelta(hours=24)
_HOUR = timedelta(hours=1)


@dataclass
class _Health:
    """What `integration_health` keeps of one integration."""

    standing: Standing
    lease: UUID | None = None
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    latest: Recorded | None = None


@dataclass
class _Waiting:
    """An event in the outbox."""

    item: OutboxItem
    next_attempt_at: datetime
    lease_until: datetime | None = None
    done: bool = False


@dataclass
class Memory:
    """The state all stores share; `now` is the clock."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    lock: RLock = field(default_factory=RLock)
    integrations: dict[UUID, Integration] = field(default_factory=dict)
    health: dict[UUID, _Health] = field(default_factory=dict)
    checks: list[tuple[str, Recorded]] = field(default_factory=list)
    audit: dict[str, list[AuditRecord]] = field(default_factory=dict)
    outbox: list[_Waiting] = field(default_factory=list)
    consumers: dict[tuple[UUID, str], datetime] = field(default_factory=dict)
    answers: dict[tuple[str, str, str, str], tuple[bytes, datetime, Mapping[str, Any]]] = field(default_factory=dict)
    allowances: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)
    plugins: dict[str, PluginRecord] = field(default_factory=dict)

    def seen(self, one: Integration) -> Integration:
        """Return an integration with the standing of its checks."""
        standing = self.health[one.id].standing
        return replace(
            one,
            reason=standing.reason,
            last_checked_at=standing.last_checked_at,
            next_check_at=standing.next_check_at,
            stale_at=standing.stale_at,
            credential_ends_at=standing.credential_ends_at,
        )

    def find(self, tenant: str, id_: UUID, *, deleted: bool = False) -> Integration | None:
        """Return the tenant's integration, live or deleted."""
        one = self.integrations.get(id_)
        if one is None or one.tenant_id != tenant or (one.deleted_at is not None) != deleted:
            return None
        return self.seen(one)

    def live(self, tenant: str) -> Iterator[Integration]:
        """Yield the tenant's integrations that are not deleted, by (name_key, id)."""
        mine = [self.seen(o) for o in self.integrations.values() if o.tenant_id == tenant and o.deleted_at is None]
        yield from sorted(mine, key=_order)

    def emit(self, tenant: str, event: Event) -> None:
        """Put an event into the outbox."""
        before = [w for w in self.outbox if w.item.event.integration_id == event.integration_id]
        now = self.now()
        self.outbox.append(_Waiting(OutboxItem(event, tenant, len(before) + 1, now, 0, uuid4()), now))

    def append(self, caller: Caller, entry: AuditEntry) -> None:
        """Append to the tenant's chain."""
        chain = self.audit.setdefault(caller.tenant, [])
        previous = chain[-1].hash if chain else "0" * 64
        timestamp = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        link: dict[str, Any] = {
            "tenantId": caller.tenant,
            "seq": len(chain) + 1,
            "timestamp": timestamp,
            "actor": caller.subject,
            "action": str(entry.action),
            "integrationId": str(entry.integration_id) if entry.integration_id else None,
            "details": dict(entry.details),
        }
        digest = sha256(bytes.fromhex(previous) + rfc8785.dumps(link)).hexdigest()
        details = rfc8785.dumps(dict(entry.details)).decode()
        chain.append(
            AuditRecord(
                caller.tenant,
                len(chain) + 1,
                timestamp,
                caller.subject,
                str(entry.action),
                entry.integration_id,
                details,
                previous,
                digest,
            )
        )


def _order(one: Integration) -> tuple[bytes, str]:
    return name_key(one.name).encode(), str(one.id)


class MemoryUnit:
    """A `CatalogUnit`: what is queued happens at commit, all of it or nothing."""

    def __init__(self, memory: Memory, caller: Caller) -> None:
        """Begin; the caller holds the memory's lock."""
        self._memory = memory
        self._caller = caller
        self._changes: list[Callable[[], None]] = []
        self._names: list[tuple[str, UUID]] = []

    def begin_idempotent(self, key: IdempotencyKey) -> Mapping[str, Any] | None:
        """Return the answer stored under the key, when there is one."""
        stored = self._memory.answers.get(self._slot(key))
        if stored is None or stored[1] + _DAY < self._memory.now():
            return None
        if stored[0] != key.body_sha256:
            raise Invalid("This Idempotency-Key was used with another body. Use a new key for a new request.")
        return stored[2]

    def finish_idempotent(self, key: IdempotencyKey, answer: Mapping[str, Any]) -> None:
        """Queue the answer for repetitions."""
        kept = (key.body_sha256, self._memory.now(), dict(answer))
        self._changes.append(lambda: self._memory.answers.update({self._slot(key): kept}))

    def count(self) -> int:
        """Count the tenant's integrations."""
        return sum(1 for _ in self._memory.live(self._caller.tenant))

    def lock(self, integration_id: UUID, *, deleted: bool = False) -> Integration | None:
        """Return the integration; the unit already holds everything."""
        return self._memory.find(self._caller.tenant, integration_id, deleted=deleted)

    def fresh_consumers(self, integration_id: UUID, since: datetime) -> Sequence[Dependent]:
        """Return who has read it since then."""
        return [one for one in _dependents(self._memory, integration_id) if one.last_seen_at >= since]

    def add(self, integration: Integration) -> None:
        """Queue a new integration."""
        self._claim_name(integration)

        def change() -> None:
            self._memory.integrations[integration.id] = integration
            due = None if integration.paused else integration.next_check_at
            self._memory.health[integration.id] = _Health(Standing(next_check_at=due))

        self._changes.append(change)

    def replace(self, integration: Integration, *, recheck: bool) -> None:
        """Queue the new state of an integration."""
        self._claim_name(integration)

        def change() -> None:
            memory, now = self._memory, self._memory.now()
            old, health = memory.integrations[integration.id], memory.health[integration.id]
            kept = replace(integration, status=old.status, status_changed_at=old.status_changed_at)
            if recheck:
                kept = _unknown(kept, now)
                _forget(health, None if integration.paused else now)
            else:
                _reschedule(old, integration, health, now)
            memory.integrations[integration.id] = kept

        self._changes.append(change)

    def delete(self, integration_id: UUID, at: datetime) -> None:
        """Queue a soft delete."""

        def change() -> None:
            memory = self._memory
            memory.integrations[integration_id] = replace(
                memory.integrations[integration_id], deleted_at=at, updated_at=at
            )
            health = memory.health[integration_id]
            health.lease, health.standing = None, replace(health.standing, next_check_at=None)

        self._changes.append(change)

    def restore(self, integration_id: UUID, at: datetime) -> None:
        """Queue the undoing of a soft delete."""
        self._claim_name(self._memory.integrations[integration_id])

        def change() -> None:
            memory = self._memory
            old = memory.integrations[integration_id]
            memory.integrations[integration_id] = _unknown(
                replace(old, deleted_at=None, updated_at=at, version=old.version + 1), at
            )
            _forget(memory.health[integration_id], None if old.paused else at)

        self._changes.append(change)

    def emit(self, event: Event) -> None:
        """Queue an event."""
        self._changes.append(lambda: self._memory.emit(self._caller.tenant, event))

    def record(self, entry: AuditEntry) -> None:
        """Queue the audit entry."""
        self._changes.append(lambda: self._memory.append(self._caller, entry))

    def commit(self) -> None:
        """Do everything, unless a name is taken."""
        for key, id_ in self._names:
            if any(name_key(o.name) == key and o.id != id_ for o in self._memory.live(self._caller.tenant)):
                raise NameTaken("Another integration of this tenant has this name. Choose another name.")
        for change in self._changes:
            change()

    def _claim_name(self, one: Integration) -> None:
        self._names.append((name_key(one.name), one.id))

    def _slot(self, key: IdempotencyKey) -> tuple[str, str, str, str]:
        return (self._caller.tenant, self._caller.subject, key.route, key.key)


def _unknown(one: Integration, at: datetime) -> Integration:
    changed = one.status_changed_at if one.status is Status.UNKNOWN else at
    return replace(one, status=Status.UNKNOWN, status_changed_at=changed)


def _forget(health: _Health, due: datetime | None) -> None:
    """Forget the standing and the lease; an open alert stays open, and checks stay counted."""
    old = health.standing
    health.lease = None
    health.standing = Standing(
        next_check_at=due, alert_open=old.alert_open, checks=old.checks, last_checked_at=old.last_checked_at
    )


def _reschedule(old: Integration, new: Integration, health: _Health, now: datetime) -> None:
    """Let the schedule follow a changed pause or interval."""
    standing = health.standing
    if new.paused and not old.paused:
        stale = stale_after(now, None, new.check_interval_seconds) if standing.last_checked_at else None
        health.standing = replace(standing, next_check_at=None, stale_at=stale)
    elif old.paused and not new.paused:
        health.standing = replace(standing, next_check_at=now)
    elif new.check_interval_seconds != old.check_interval_seconds and standing.next_check_at:
        due = min(standing.next_check_at, now + timedelta(seconds=new.check_interval_seconds))
        health.standing = replace(standing, next_check_at=due)


def _dependents(memory: Memory, integration_id: UUID) -> list[Dependent]:
    mine = [Dependent(who, at) for (id_, who), at in memory.consumers.items() if id_ == integration_id]
    return sorted(mine, key=lambda one: one.last_seen_at, reverse=True)


@dataclass(frozen=True)
class MemoryCatalog:
    """A `CatalogStore`."""

    memory: Memory

    def page(self, tenant: str, wanted: IntegrationFilter, after: Position | None, limit: int) -> Sequence[Integration]:
        """Return what fits the filter, after a position."""
        now = self.memory.now()
        if wanted.deleted:
            mine = [self.memory.find(tenant, id_, deleted=True) for id_ in self.memory.integrations]
            found = sorted((one for one in mine if one), key=_order)
        else:
            found = list(self.memory.live(tenant))
        start = (after.name_key.encode(), str(after.id)) if after else (b"", "")
        return [one for one in found if _order(one) > start and _fits(one, wanted, now)][:limit]

    def get(self, tenant: str, integration_id: UUID) -> Integration | None:
        """Return one."""
        return self.memory.find(tenant, integration_id)

    def by_type(
        self, tenant: str, type_: str, after: Position | None, limit: int, *, consumer: str | None
    ) -> Sequence[Integration]:
        """Return those of a type and note who read them."""
        found = self.page(tenant, IntegrationFilter(type=type_), after, limit)
        now = self.memory.now()
        for one in found if consumer else ():
            slot = (one.id, str(consumer))
            if slot not in self.memory.consumers or self.memory.consumers[slot] + _HOUR <= now:
                self.memory.consumers[slot] = now
        return found

    def dependents(self, tenant: str, integration_id: UUID) -> Sequence[Dependent] | None:
        """Return who reads it."""
        return _dependents(self.memory, integration_id) if self.memory.find(tenant, integration_id) else None

    def summary(self, tenant: str, ending_before: datetime) -> Summary:
        """Count."""
        now, counts = self.memory.now(), dict[tuple[str, Status], int]()
        mine = list(self.memory.live(tenant))
        for one in mine:
            slot = (one.type, effective(one.status, one.stale_at, now))
            counts[slot] = counts.get(slot, 0) + 1
        ending = [
            (one.id, one.name, one.type, one.credential_ends_at)
            for one in mine
            if one.credential_ends_at and one.credential_ends_at < ending_before
        ]
        chain = self.memory.audit.get(tenant, [])
        return Summary(
            counts,
            min((one.last_checked_at for one in mine if one.last_checked_at), default=None),
            sorted(ending, key=lambda row: row[3]),
            len(chain),
            chain[-1].hash if chain else "0" * 64,
        )

    def spend(self, tenant: str, allowance: str, limit: int, window_s: int) -> tuple[int, float]:
        """Take one from an allowance."""
        now, window = self.memory.now(), timedelta(seconds=window_s)
        begun, spent = self.memory.allowances.get((tenant, allowance), (now, 0))
        if begun + window <= now:
            begun, spent = now, 0
        self.memory.allowances[(tenant, allowance)] = (begun, spent + 1)
        return limit - spent - 1, (begun + window - now).total_seconds()

    @contextmanager
    def write(self, caller: Caller) -> Iterator[MemoryUnit]:
        """Open a unit of work; others wait until it ends."""
        with self.memory.lock:
            yield MemoryUnit(self.memory, caller)


def _fits(one: Integration, wanted: IntegrationFilter, now: datetime) -> bool:
    return (
        wanted.type in (None, one.type)
        and wanted.category in (None, one.category)
        and wanted.status in (None, effective(one.status, one.stale_at, now))
        and (wanted.tag is None or wanted.tag in one.tags)
        and (wanted.name_contains is None or wanted.name_contains in name_key(one.name))
    )


@dataclass(frozen=True)
class MemoryAudit:
    """An `AuditStore`."""

    memory: Memory

    def append(self, caller: Caller, entry: AuditEntry) -> None:
        """Append one entry."""
        with self.memory.lock:
            self.memory.append(caller, entry)

    def page(
        self, tenant: str, integration_id: UUID | None, after_seq: int, limit: int
    ) -> Sequence[AuditRecord] | None:
        """Return records after a sequence number."""
        known = self.memory.integrations.get(integration_id) if integration_id else None
        if integration_id and (known is None or known.tenant_id != tenant):
            return None
        chain = self.memory.audit.get(tenant, [])
        return [r for r in chain if r.seq > after_seq and integration_id in (None, r.integration_id)][:limit]


@dataclass(frozen=True)
class MemorySweep:
    """A `SweepStore`."""

    memory: Memory

    def claim_due(self, limit: int, lease_s: float, look_ahead_s: float = 0) -> Sequence[Claim]:
        """Lease what is due, soonest first."""
        with self.memory.lock:
            horizon = self.memory.now() + timedelta(seconds=look_ahead_s)
            due = [
                (health.standing.next_check_at, id_)
                for id_, health in self.memory.health.items()
                if health.standing.next_check_at
                and health.standing.next_check_at <= horizon
                and not _leased(self.memory, id_)
            ]
            return [_claim(self.memory, id_, lease_s) for _, id_ in sorted(due)[:limit]]

    def record(self, results: Sequence[Recorded]) -> Sequence[UUID]:
        """Write results in place of their leases."""
        with self.memory.lock:
            return [one.integration_id for one in results if _record(self.memory, one)]


@dataclass(frozen=True)
class MemoryHealth:
    """A `HealthStore`."""

    memory: Memory

    def claim(self, tenant: str, integration_id: UUID, lease_s: float) -> Claim | None:
        """Lease one integration now."""
        with self.memory.lock:
            if self.memory.find(tenant, integration_id) is None or _leased(self.memory, integration_id):
                return None
            return _claim(self.memory, integration_id, lease_s)

    def record(self, tenant: str, result: Recorded) -> bool:
        """Write one result in place of its lease."""
        with self.memory.lock:
            known = self.memory.find(tenant, result.integration_id)
            return known is not None and _record(self.memory, result)

    def latest(self, tenant: str, integration_id: UUID) -> LatestHealth | None:
        """Return the latest check."""
        one = self.memory.find(tenant, integration_id)
        if one is None:
            return None
        health = self.memory.health[integration_id]
        last = health.latest
        return LatestHealth(
            standing=replace(health.standing, status=one.status),
            status_changed_at=one.status_changed_at,
            claimed_at=health.claimed_at,
            leased_until=health.lease_until if health.lease else None,
            latency_ms=last.latency_ms if last else None,
            check_status=last.check_status if last else None,
            check_reason=last.check_reason if last else None,
            error_message=last.error_message if last else None,
            steps=_steps(last) if last else (),
        )

    def windows(self, tenant: str, integration_id: UUID, hours: Sequence[int]) -> Sequence[HealthWindow]:
        """Return what the last hours add up to."""
        mine = [r for t, r in self.memory.checks if t == tenant and r.integration_id == integration_id]
        return [_window(mine, span, self.memory.now()) for span in hours]

    def history(self, tenant: str, integration_id: UUID, before: datetime | None, limit: int) -> Sequence[HistoryEntry]:
        """Return past checks, newest first."""
        mine = [r for t, r in self.memory.checks if t == tenant and r.integration_id == integration_id]
        mine = sorted((r for r in mine if before is None or r.checked_at < before), key=lambda r: r.checked_at)
        return [
            HistoryEntry(
                checked_at=one.checked_at,
                status=one.check_status,
                reason=one.check_reason,
                latency_ms=one.latency_ms,
                error_message=one.error_message,
                steps=_steps(one) if one.keep_steps else None,
            )
            for one in reversed(mine)
        ][:limit]


def _leased(memory: Memory, id_: UUID) -> bool:
    health = memory.health[id_]
    return health.lease is not None and health.lease_until is not None and health.lease_until > memory.now()


def _claim(memory: Memory, id_: UUID, lease_s: float) -> Claim:
    one, health, now = memory.integrations[id_], memory.health[id_], memory.now()
    health.lease, health.claimed_at, health.lease_until = uuid4(), now, now + timedelta(seconds=lease_s)
    return Claim(
        integration_id=id_,
        tenant_id=one.tenant_id,
        lease=health.lease,
        claimed_at=now,
        type=one.type,
        name=one.name,
        config=one.config,
        auth_ref_uri=one.auth_ref_uri,
        target=one.target,
        check_interval_seconds=one.check_interval_seconds,
        failure_threshold=one.failure_threshold,
        success_threshold=one.success_threshold,
        paused=one.paused,
        maintenance=one.maintenance,
        standing=replace(health.standing, status=one.status),
    )


def _record(memory: Memory, result: Recorded) -> bool:
    health, one = memory.health.get(result.integration_id), memory.integrations.get(result.integration_id)
    if health is None or one is None or health.lease != result.lease:
        return False
    health.lease, health.latest, health.standing = None, result, result.standing
    memory.checks.append((one.tenant_id, result))
    if one.status is not result.standing.status:
        memory.integrations[one.id] = replace(one, status=result.standing.status, status_changed_at=result.checked_at)
    for event in result.events:
        memory.emit(one.tenant_id, event)
    return True


def _steps(result: Recorded) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "name": step.name,
            "status": step.status,
            "durationMs": round(step.duration_ms, 1),
            "reason": step.reason,
            "evidence": step.evidence,
            "remedy": step.remedy,
        }
        for step in result.steps
    ]


def _window(checks: Sequence[Recorded], hours: int, now: datetime) -> HealthWindow:
    """Add up what counts: no maintenance, no check without a verdict."""
    since = now - timedelta(hours=hours)
    counted = [
        r for r in checks if r.checked_at >= since and not r.in_maintenance and r.check_status is not Status.UNKNOWN
    ]
    failing = [r.check_status is Status.UNHEALTHY for r in counted]
    repairs, down_since = list[float](), None
    for one, down in zip(counted, failing, strict=True):
        if down and down_since is None:
            down_since = one.checked_at
        elif not down and down_since is not None:
            repairs.append((one.checked_at - down_since).total_seconds())
            down_since = None
    latencies = sorted(r.latency_ms for r, down in zip(counted, failing, strict=True) if not down)
    return HealthWindow(
        hours=hours,
        checks=len(counted),
        uptime_percent=100.0 * failing.count(False) / len(failing) if failing else None,
        latency_p50_ms=_percentile(latencies, 0.5),
        latency_p95_ms=_percentile(latencies, 0.95),
        mttr_seconds=sum(repairs) / len(repairs) if repairs else None,
        transitions=sum(a != b for a, b in pairwise(failing)),
    )


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """Interpolate as PostgreSQL's percentile_cont does."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class MemoryOutbox:
    """An `OutboxStore`."""

    memory: Memory

    def claim(self, limit: int, lease_s: float) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration that is due."""
        with self.memory.lock:
            now, oldest = self.memory.now(), dict[UUID, _Waiting]()
            for waiting in self.memory.outbox:
                if not waiting.done:
                    oldest.setdefault(waiting.item.event.integration_id, waiting)
            free = [
                w for w in oldest.values() if w.next_attempt_at <= now and not (w.lease_until and w.lease_until > now)
            ]
            for waiting in free[:limit]:
                waiting.lease_until = now + timedelta(seconds=lease_s)
                waiting.item = replace(waiting.item, lease=uuid4())
            return [waiting.item for waiting in free[:limit]]

    def delivered(self, leases: Sequence[UUID]) -> None:
        """Mark as delivered."""
        for waiting in self._leased(leases):
            waiting.done = True

    def retry(self, lease: UUID, next_attempt_at: datetime, error: str) -> None:  # noqa: ARG002 - PostgreSQL keeps it
        """Give one back for later."""
        for waiting in self._leased([lease]):
            waiting.lease_until, waiting.next_attempt_at = None, next_attempt_at
            waiting.item = replace(waiting.item, attempts=waiting.item.attempts + 1)

    def give_up(self, lease: UUID, error: str) -> None:  # noqa: ARG002 - as above
        """Move one to the dead letters."""
        for waiting in self._leased([lease]):
            waiting.done = True

    def _leased(self, leases: Sequence[UUID]) -> list[_Waiting]:
        return [w for w in self.memory.outbox if w.lease_until and not w.done and w.item.lease in leases]


@dataclass(frozen=True)
class MemoryPlugins:
    """A `PluginStore`."""

    memory: Memory

    def sync(self, found: Sequence[PluginRecord]) -> PluginReport:
        """Make the table say what was found."""
        known, now = self.memory.plugins, {record.plugin_id: record for record in found}
        gone = [i for i, r in known.items() if i not in now and r.state is not PluginState.REMOVED]
        before = dict(known)
        for id_ in gone:
            known[id_] = replace(known[id_], state=PluginState.REMOVED)
        known.update(now)
        active = {i for i, r in now.items() if r.state is PluginState.ACTIVE}
        old = {i for i, r in before.items() if r.state is PluginState.ACTIVE}
        return PluginReport(
            added=sorted(active - old),
            changed=sorted(i for i in active & old if before[i] != now[i]),
            removed=sorted(gone),
            rejected={i: r.rejected_reason or "" for i, r in now.items() if r.state is PluginState.REJECTED},
        )

    def active(self) -> Sequence[PluginRecord]:
        """Return the plugins in use, by type."""
        return sorted(
            (r for r in self.memory.plugins.values() if r.state is PluginState.ACTIVE), key=lambda r: r.type or ""
        )
