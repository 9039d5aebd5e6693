"""A unit of work in memory: changes are made to a copy of the state, which takes its place at commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from integrations_hub.audit.model import AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import Dependent, IdempotencyKey, Integration
from integrations_hub.errors import Invalid
from integrations_hub.events.model import Event
from integrations_hub.health.machine import resting_until
from integrations_hub.health.model import Standing
from integrations_hub.health.status import Status
from integrations_hub.storage.memory.audit import append_link
from integrations_hub.storage.memory.state import Memory, State, StoredKey, StoredOne
from integrations_hub.storage.schedule import outdates_check, rescheduled

__all__ = ["MemoryUnit"]

_KEY_LASTS = timedelta(hours=24)


class MemoryUnit:
    """One transaction of one tenant (`catalog.ports.CatalogUnit`); the memory's lock is held throughout."""

    def __init__(self, memory: Memory, caller: Caller) -> None:
        """Queue nothing yet."""
        self._memory = memory
        self._caller = caller
        self._queue: list[Callable[[State], None]] = []
        self._audit: list[AuditEntry] = []

    def begin_idempotent(self, key: IdempotencyKey) -> Mapping[str, Any] | None:
        """Claim the key, or return the answer stored under it."""
        stored = self._memory.state.keys.get(self._named(key))
        if stored is None or stored.created_at < self._memory.now() - _KEY_LASTS:
            return None
        if stored.body_sha256 != key.body_sha256:
            raise Invalid("This Idempotency-Key was used with another body. Use a new key for a new request.")
        return stored.answer

    def finish_idempotent(self, key: IdempotencyKey, answer: Mapping[str, Any]) -> None:
        """Queue the answer to the key."""
        stored = StoredKey(key.body_sha256, answer, self._memory.now())
        self._queue.append(lambda state: state.keys.update({self._named(key): stored}))

    def count(self) -> int:
        """Return how many integrations the tenant has that are not deleted."""
        given = [one.given for one in self._memory.state.integrations.values()]
        return sum(one.tenant_id == self._caller.tenant and one.deleted_at is None for one in given)

    def requires_receipt(self) -> bool:
        """Return whether the tenant wants a test receipt with what is registered."""
        settings = self._memory.state.settings.get(self._caller.tenant)
        return settings is not None and settings.require_test_receipt

    def lock(self, integration_id: UUID, *, deleted: bool = False) -> Integration | None:
        """Return the integration."""
        found = self._memory.find(self._caller.tenant, integration_id, deleted=deleted)
        return found.integration if found else None

    def fresh_consumers(self, integration_id: UUID, since: datetime) -> Sequence[Dependent]:
        """Return who has read it since then, newest first."""
        consumers = self._memory.state.integrations[integration_id].consumers
        fresh = [Dependent(consumer, seen) for consumer, seen in consumers.items() if seen >= since]
        return sorted(fresh, key=lambda one: (-one.last_seen_at.timestamp(), one.consumer))

    def add(self, integration: Integration) -> None:
        """Queue a new integration."""
        due = None if integration.paused else integration.next_check_at
        self._put(integration.id, lambda _: StoredOne(integration, Standing(next_check_at=due)))

    def replace(self, integration: Integration, *, recheck: bool) -> None:
        """Queue the new state of a locked integration."""
        now = integration.updated_at

        def changed(one: StoredOne | None) -> StoredOne:
            assert one is not None
            if recheck:
                return _forgotten(replace(one, given=integration), now)
            old = one.standing
            rests_until = resting_until(old.rests, old.last_checked_at, old.retry_after_until)
            due, stale = rescheduled(one.integration, integration, rests_until=rests_until, now=now)
            lease = None if outdates_check(one.given, integration) else one.lease
            standing = old._replace(next_check_at=due, stale_at=stale)
            return replace(one, given=integration, standing=standing, lease=lease)

        self._put(integration.id, changed)

    def delete(self, integration_id: UUID, at: datetime) -> None:
        """Queue a soft delete."""

        def deleted(one: StoredOne | None) -> StoredOne:
            assert one is not None
            given = replace(one.given, deleted_at=at, updated_at=at, version=one.given.version + 1)
            gone = _forgotten(replace(one, given=given), at)
            standing = gone.standing._replace(
                next_check_at=None, status=one.standing.status, reason=one.standing.reason
            )
            return replace(gone, standing=standing, status_changed_at=one.status_changed_at)

        self._put(integration_id, deleted)

    def restore(self, integration_id: UUID, at: datetime) -> None:
        """Queue the undoing of a soft delete."""

        def restored(one: StoredOne | None) -> StoredOne:
            assert one is not None
            given = replace(one.given, deleted_at=None, updated_at=at, version=one.given.version + 1)
            return _forgotten(replace(one, given=given), at)

        self._put(integration_id, restored)

    def emit(self, event: Event) -> None:
        """Queue an event."""
        self._queue.append(lambda state: state.emit(event, self._memory.now()))

    def record(self, entry: AuditEntry) -> None:
        """Queue the audit entry."""
        self._audit.append(entry)

    def commit(self) -> None:
        """Make every change, or none."""
        fresh = self._memory.state.copied()
        for change in self._queue:
            change(fresh)
        for entry in self._audit:
            append_link(fresh, self._caller, entry, self._memory.now())
        fresh.check_names()
        self._memory.state = fresh

    def _put(self, integration_id: UUID, change: Callable[[StoredOne | None], StoredOne]) -> None:
        def put(state: State) -> None:
            state.integrations[integration_id] = change(state.integrations.get(integration_id))

        self._queue.append(put)

    def _named(self, key: IdempotencyKey) -> tuple[str, str, str, str]:
        return self._caller.tenant, self._caller.subject, key.route, key.key


def _forgotten(one: StoredOne, at: datetime) -> StoredOne:
    """Return an integration whose standing is forgotten: unknown, due now unless paused; an open alert stays."""
    old = one.standing
    standing = Standing(
        alert_open=old.alert_open,
        checks=old.checks,
        last_checked_at=old.last_checked_at,
        next_check_at=None if one.given.paused else at,
    )
    since = one.status_changed_at if old.status is Status.UNKNOWN else at
    return replace(one, standing=standing, status_changed_at=since, lease=None)
