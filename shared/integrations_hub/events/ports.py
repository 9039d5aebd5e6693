"""What delivery asks of storage and of the places events go to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from integrations_hub.events.failures import DeliveryFailed
from integrations_hub.events.model import DeadLetter, OutboxItem

__all__ = ["Channel", "DeadLetterStore", "Kick", "OutboxStore"]


class OutboxStore(Protocol):
    """The outbox across tenants, through definer functions that can do only this."""

    def claim(self, limit: int, lease_s: float, avoid: Collection[str] = ()) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration and destination that is due, at most `limit`.

        New events are first given their destinations, by the routes of their tenants as they are then. One whose
        integration has an older event for the same destination, leased or resting, waits: order there holds.
        """

    def delivered(self, leases: Sequence[UUID]) -> None:
        """Mark leased events as delivered; a lease taken over since is ignored."""

    def retry(self, lease: UUID, next_attempt_at: datetime, error: str) -> None:
        """Give one back for a later attempt, with what went wrong."""

    def give_up(self, lease: UUID, error: str) -> None:
        """Move one to the dead letters: kept with its reason, no longer in the way of its integration's next."""


class DeadLetterStore(Protocol):
    """What was given up, across tenants."""

    def dead_letters(self, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[DeadLetter]:
        """Return up to `limit` after a position (when given up, id), oldest first."""

    def replay(self, ids: Sequence[UUID], destination: str | None) -> int:
        """Have these sent again, and all of a destination; return how many."""


class Channel(Protocol):
    """A place events go to."""

    @property
    def at_once(self) -> int:
        """How many events one call takes."""

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        """Deliver events, at most `at_once`; return by lease those that did not arrive.

        Raises:
            DeliveryFailed: none of them did; the message says why, without secrets.
        """


class Kick(Protocol):
    """Tells `deliver_events` that something waits. Content-free, and never a reason for a request to fail."""

    def __call__(self) -> None:
        """Kick, after COMMIT; kicks within a moment are one."""
