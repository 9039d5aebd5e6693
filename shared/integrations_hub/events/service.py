"""Delivery: what is in the outbox leaves at least once, in order per integration, or ends as a dead letter.

Each destination of an event is settled by itself: one that fails for hours sends nobody else a repeat, and holds up
nobody else's next event.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import OutboxItem, Severity
from integrations_hub.events.ports import Kick, OutboxStore
from integrations_hub.events.sending import Sending, log_context
from integrations_hub.observability import metrics, traces

__all__ = ["DeliveryReport", "DeliveryService"]

_log = logging.getLogger(__name__)
_LEASE_S = 60.0  # a send takes 25 s at most, its secret included: settled before another process may lease it
_AT_ONCE = 20
_ATTEMPTS = 16  # with the waits below: about two and a half days
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=6)
_PATIENCE = 3  # failures or slow answers of one destination, after which a run sends it nothing more


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


@dataclass(slots=True)
class _Run:
    """What one run has seen so far."""

    outcomes: Counter[_Outcome] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)

    @property
    def avoided(self) -> list[str]:
        return [destination for destination, times in self.trouble.items() if times >= _PATIENCE]


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """Takes from the outbox and sends to each event's destinations."""

    store: OutboxStore
    sending: Sending
    kick: Kick
    batch: int
    now: Callable[[], datetime]

    def deliver_events(self) -> DeliveryReport:
        """Make at most one batch of deliveries, each after those before it of its integration and destination."""
        run = _Run()
        while (left := self.batch - run.outcomes.total()) > 0:
            items = self.store.claim(min(left, _AT_ONCE), _LEASE_S, run.avoided)
            if not items:
                break
            self._deliver(items, run)
        else:
            self.kick()  # there may be more than one batch
        outcomes = run.outcomes
        return DeliveryReport(outcomes[_Outcome.DELIVERED], outcomes[_Outcome.RETRIED], outcomes[_Outcome.DEAD])

    def _deliver(self, items: Sequence[OutboxItem], run: _Run) -> None:
        """Send what was leased and settle it."""
        spans = [(item, _span(item)) for item in items]
        sent = self.sending.send(items)
        for item, span in spans:
            traces.end(span, failed=item.lease in sent.failed)
        run.trouble.update(item.destination for item in items if item.lease in sent.slow or item.lease in sent.failed)
        arrived = [item.lease for item in items if item.lease not in sent.failed]
        if arrived:
            self.store.delivered(arrived)
        for item in items:
            failed = sent.failed.get(item.lease)
            outcome = self._postponed(item, failed) if failed else _Outcome.DELIVERED
            run.outcomes[outcome] += 1
            if item.event.severity is not Severity.INFO:
                metrics.count(metrics.ALERT_DELIVERIES, outcome.name.lower())

    def _postponed(self, item: OutboxItem, failed: DeliveryFailed) -> _Outcome:
        """Give the item back for later, or up."""
        error, context = str(failed), log_context(item)
        if isinstance(failed, DeliveryRefused) or item.attempts + 1 >= _ATTEMPTS:
            _log.error("an event did not arrive and is given up: %s", error, extra=context)
            self.store.give_up(item.lease, error)
            return _Outcome.DEAD
        _log.warning("an event did not arrive and is sent again: %s", error, extra=context)
        asked = timedelta(seconds=failed.wait_s)
        wait = min(max(_FIRST_WAIT * 2 ** min(item.attempts, 20), asked), _LONGEST_WAIT)
        self.store.retry(item.lease, self.now() + wait, error)
        return _Outcome.RETRIED


def _span(item: OutboxItem) -> traces.Span:
    """Begin the span of one attempt, in the trace its event came of."""
    about = {"type": str(item.event.type), "severity": str(item.event.severity), "destination": _channel(item)}
    named = {"integrationId": str(item.event.integration_id), "tenantId": item.tenant_id, "action": "deliver"}
    return traces.begin("deliver", traces.Kind.PRODUCER, item.event.traceparent, **about, **named)


def _channel(item: OutboxItem) -> str:
    """Return the kind of the destination: the name of a tenant's own route is the tenant's."""
    return "tenant" if "/" in item.destination else item.destination
