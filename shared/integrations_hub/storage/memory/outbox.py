"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from integrations_hub.events.model import OutboxItem
from integrations_hub.storage.memory.state import Lease, Memory, Waiting

__all__ = ["MemoryOutbox"]


class MemoryOutbox:
    """Leases events and settles them (`events.ports.OutboxStore`); `dead` holds the dead letters and why."""

    def __init__(self, memory: Memory) -> None:
        """Share the memory."""
        self._memory = memory
        self.dead: dict[UUID, str] = {}

    def claim(self, limit: int, lease_s: float) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration that is due."""
        with self._memory.lock:
            now = self._memory.now()
            oldest: dict[UUID, Waiting] = {}
            for one in sorted(self._memory.state.outbox.values(), key=lambda one: one.sequence):
                if not one.settled:
                    oldest.setdefault(one.event.integration_id, one)
            due = [o for o in oldest.values() if o.next_attempt_at <= now and (o.lease is None or o.lease.until <= now)]
            due.sort(key=lambda one: (one.next_attempt_at, one.created_at))
            return [self._leased(one, now, lease_s) for one in due[:limit]]

    def delivered(self, leases: Sequence[UUID]) -> None:
        """Mark leased events as delivered."""
        for lease in leases:
            self._settle(lease, settled=True)

    def retry(self, lease: UUID, next_attempt_at: datetime, error: str) -> None:  # noqa: ARG002 - nobody reads it here
        """Give one back for a later attempt."""
        self._settle(lease, next_attempt_at=next_attempt_at)

    def give_up(self, lease: UUID, error: str) -> None:
        """Move one to the dead letters."""
        event_id = self._settle(lease, settled=True)
        if event_id:
            self.dead[event_id] = error

    def _leased(self, one: Waiting, now: datetime, lease_s: float) -> OutboxItem:
        lease = Lease(uuid4(), now, now + timedelta(seconds=lease_s))
        self._memory.state.outbox[one.event.id] = replace(one, lease=lease, attempts=one.attempts + 1)
        return OutboxItem(one.event, one.tenant_id, one.sequence, one.created_at, one.attempts, lease.token)

    def _settle(self, lease: UUID, *, settled: bool = False, next_attempt_at: datetime | None = None) -> UUID | None:
        with self._memory.lock:
            for event_id, one in self._memory.state.outbox.items():
                if one.lease and one.lease.token == lease and not one.settled:
                    again = next_attempt_at or one.next_attempt_at
                    changed = replace(one, lease=None, settled=settled, next_attempt_at=again)
                    self._memory.state.outbox[event_id] = changed
                    return event_id
        return None
