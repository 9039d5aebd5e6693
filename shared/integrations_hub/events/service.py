"""Delivery: what is in the outbox leaves at least once, in order per integration, or ends as a dead letter."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from integrations_hub.events.channels import DeliveryFailed
from integrations_hub.events.model import OutboxItem
from integrations_hub.events.ports import Channel, OutboxStore

__all__ = ["DeliveryReport", "DeliveryService"]

_log = logging.getLogger(__name__)
_LEASE_S = 60.0
_AT_ONCE = 5  # a webhook may take 10 s: all of them are settled before another process may lease them
_ATTEMPTS = 16  # with the waits below: about two and a half days
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one run did."""

    delivered: int
    retried: int
    dead: int


class _Outcome(Enum):
    DELIVERED = auto()
    RETRIED = auto()
    DEAD = auto()


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """Takes from the outbox and sends to every channel."""

    store: OutboxStore
    channels: Sequence[Channel]
    batch: int
    now: Callable[[], datetime]

    def deliver_events(self) -> DeliveryReport:
        """Send at most one batch, each event after those before it of its integration."""
        outcomes: Counter[_Outcome] = Counter()
        while (left := self.batch - outcomes.total()) > 0:
            items = self.store.claim(min(left, _AT_ONCE), _LEASE_S)
            if not items:
                break
            outcomes.update(self._sent(item) for item in items)
        return DeliveryReport(outcomes[_Outcome.DELIVERED], outcomes[_Outcome.RETRIED], outcomes[_Outcome.DEAD])

    def _sent(self, item: OutboxItem) -> _Outcome:
        """Send one event to every channel and settle it."""
        try:
            for channel in self.channels:
                channel.send(item)
        except DeliveryFailed as failure:
            return self._postponed(item, str(failure))
        except Exception as broken:  # noqa: BLE001 - one event nobody can send must not hold up all the others
            _log.error("sending an event broke", exc_info=broken, extra=_context(item))
            return self._postponed(item, f"sending it failed with {type(broken).__name__}")
        self.store.delivered([item.lease])
        return _Outcome.DELIVERED

    def _postponed(self, item: OutboxItem, error: str) -> _Outcome:
        """Give the item back for later, or up."""
        if item.attempts + 1 >= _ATTEMPTS:
            _log.error("an event did not arrive and is given up: %s", error, extra=_context(item))
            self.store.give_up(item.lease, error)
            return _Outcome.DEAD
        _log.warning("an event did not arrive and is sent again: %s", error, extra=_context(item))
        wait = min(_FIRST_WAIT * 2 ** min(item.attempts, 20), _LONGEST_WAIT)
        self.store.retry(item.lease, self.now() + wait, error)
        return _Outcome.RETRIED


def _context(item: OutboxItem) -> dict[str, str]:
    """Return what a log line says of an event."""
    return {"integrationId": str(item.event.integration_id), "tenantId": item.tenant_id, "action": "deliver"}
