"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from integrations_hub.events.model import DeadLetter, OutboxItem
from integrations_hub.events.routes import LOG, About, destinations
from integrations_hub.storage.memory.state import Lease, Memory, Waiting
from integrations_hub.tenants.model import TenantSettings

__all__ = ["MemoryOutbox"]


class MemoryOutbox:
    """Leases events, settles them, keeps what was given up (`events.ports.OutboxStore`, `DeadLetterStore`)."""

    def __init__(self, memory: Memory, channels: Sequence[str] = (LOG,)) -> None:
        """Share the memory; events of tenants without routes go to each of these channels."""
        self._memory = memory
        self._channels = channels

    def claim(self, limit: int, lease_s: float, avoid: Collection[str] = ()) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration and destination that is due."""
        with self._memory.lock:
            self._route()
            now = self._memory.now()
            oldest: dict[tuple[UUID, str], Waiting] = {}
            for one in sorted(self._memory.state.ways.values(), key=lambda one: one.sequence):
                if one.open:
                    oldest.setdefault((one.event.integration_id, one.destination), one)
            due = [o for o in oldest.values() if o.next_attempt_at <= now and (o.lease is None or o.lease.until <= now)]
            due = [one for one in due if one.destination not in avoid]
            due.sort(key=lambda one: (one.next_attempt_at, one.created_at))
            return [self._leased(one, now, lease_s) for one in due[:limit]]

    def delivered(self, leases: Sequence[UUID]) -> None:
        """Mark leased events as delivered."""
        for lease in leases:
            self._settle(lease, settled=True)

    def retry(self, lease: UUID, next_attempt_at: datetime, error: str) -> None:
        """Give one back for a later attempt."""
        self._settle(lease, next_attempt_at=next_attempt_at, error=error)

    def give_up(self, lease: UUID, error: str) -> None:
        """Move one to the dead letters."""
        self._settle(lease, dead_at=self._memory.now(), error=error)

    def dead_letters(self, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[DeadLetter]:
        """Return up to `limit` after a position, oldest first."""
        with self._memory.lock:
            dead = [(one.dead_at, one) for one in self._memory.state.ways.values() if one.dead_at]
        dead.sort(key=lambda pair: (pair[0], pair[1].id))
        return [_letter(at, one) for at, one in dead if after is None or (at, one.id) > after][:limit]

    def replay(self, ids: Sequence[UUID], destination: str | None) -> int:
        """Have these sent again, and all of a destination; return how many."""
        with self._memory.lock:
            ways, now = self._memory.state.ways, self._memory.now()
            again = [o for o in ways.values() if o.dead_at and (o.id in ids or o.destination == destination)]
            ways.update({one.id: replace(one, dead_at=None, attempts=0, next_attempt_at=now) for one in again})
        return len(again)

    def _route(self) -> None:
        """Give new events their destinations."""
        state, waiting = self._memory.state, self._memory.state.outbox
        for one in waiting.values():
            routes = state.settings.get(one.tenant_id, TenantSettings()).alert_routes
            stored = state.integrations.get(one.event.integration_id)
            about = About(stored.given.type, stored.given.tags) if stored else About()
            for destination in destinations(one.event, one.tenant_id, routes, self._channels, about):
                way = replace(one, id=uuid4(), destination=destination)
                state.ways[way.id] = way
        waiting.clear()

    def _leased(self, one: Waiting, now: datetime, lease_s: float) -> OutboxItem:
        state = self._memory.state
        lease = Lease(uuid4(), now, now + timedelta(seconds=lease_s))
        state.ways[one.id] = replace(one, lease=lease, attempts=one.attempts + 1)
        routes = state.settings.get(one.tenant_id, TenantSettings()).alert_routes
        own = next((r for r in routes if r.url and r.destination(one.tenant_id) == one.destination), None)
        return OutboxItem(
            one.event,
            one.tenant_id,
            one.sequence,
            one.created_at,
            one.attempts,
            lease.token,
            one.destination,
            own.url if own else None,
            own.secret_ref if own else None,
        )

    def _settle(self, lease: UUID, **changes: object) -> None:
        with self._memory.lock:
            ways = self._memory.state.ways
            for one in [one for one in ways.values() if one.open and one.lease and one.lease.token == lease]:
                ways[one.id] = replace(one, lease=None, **changes)  # type: ignore[arg-type]  # fields of Waiting


def _letter(at: datetime, one: Waiting) -> DeadLetter:
    return DeadLetter(
        id=one.id,
        event_id=one.event.id,
        destination=one.destination,
        tenant_id=one.tenant_id,
        integration_id=one.event.integration_id,
        type=one.event.type,
        created_at=one.created_at,
        dead_at=at,
        attempts=one.attempts,
        error=one.error,
    )
