"""Delivery: what is in the outbox leaves at least once, in order per integration, or ends as a dead letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations_hub.events.channels import DeliveryFailed
from integrations_hub.events.model import OutboxItem
from integrations_hub.events.ports import Channel, OutboxStore

__all__ = ["DeliveryReport", "DeliveryService"]

_LEASE_S = 60.0
_ATTEMPTS = 16  # with the waits below: about two and a half days
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one run did."""

    delivered: int
    retried: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """Takes from the outbox and sends to every channel."""

    store: OutboxStore
    channels: Sequence[Channel]
    batch: int
    now: Callable[[], datetime]

    def deliver_events(self) -> DeliveryReport:
        """Send one batch: the oldest undelivered event of each integration that is due."""
        delivered, retried, dead = [], 0, 0
        for item in self.store.claim(self.batch, _LEASE_S):
            try:
                for channel in self.channels:
                    channel.send(item)
                delivered.append(item.lease)
            except DeliveryFailed as failure:
                gone = self._postpone(item, str(failure))
                dead, retried = dead + gone, retried + (not gone)
        if delivered:
            self.store.delivered(delivered)
        return DeliveryReport(len(delivered), retried, dead)

    def _postpone(self, item: OutboxItem, error: str) -> bool:
        """Give the item back for later, or up; tell whether it was given up."""
        if item.attempts + 1 >= _ATTEMPTS:
            self.store.give_up(item.lease, error)
            return True
        wait = min(_FIRST_WAIT * 2 ** min(item.attempts, 20), _LONGEST_WAIT)
        self.store.retry(item.lease, self.now() + wait, error)
        return False
