"""What delivery asks of storage and of the places events go to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from integrations_hub.events.model import OutboxItem

__all__ = ["Channel", "OutboxStore"]


class OutboxStore(Protocol):
    """The outbox across tenants, through definer functions that can do only this."""

    def claim(self, limit: int, lease_s: float) -> Sequence[OutboxItem]:
        """Lease the oldest undelivered event of each integration that is due, at most `limit`.

        An integration whose oldest event is leased or resting yields nothing: order within it holds.
        """

    def delivered(self, leases: Sequence[UUID]) -> None:
        """Mark leased events as delivered; a lease taken over since is ignored."""

    def retry(self, lease: UUID, next_attempt_at: datetime, error: str) -> None:
        """Give one back for a later attempt, with what went wrong."""

    def give_up(self, lease: UUID, error: str) -> None:
        """Move one to the dead letters: kept with its reason, no longer in the way of its integration's next."""


class Channel(Protocol):
    """A place events go to."""

    def send(self, item: OutboxItem) -> None:
        """Deliver one event.

        Raises:
            DeliveryFailed: it did not arrive; the message says why, without secrets.
        """
