"""Sending leased events: each to its channel, many at once, and whatever goes wrong with one stays with that one."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.model import OutboxItem
from integrations_hub.events.ports import Channel

__all__ = ["Sending", "Sent", "log_context"]

_log = logging.getLogger(__name__)
_SLOW_S = 3.0


@dataclass(slots=True)
class Sent:
    """What became of leased events, by lease: those that did not arrive, and those whose receiver took its time."""

    failed: dict[UUID, DeliveryFailed] = field(default_factory=dict)
    slow: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sending:
    """The channels of the deployment by name, and the one that tenants' own routes go through."""

    channels: Mapping[str, Channel]
    routes: Channel

    def send(self, items: Sequence[OutboxItem]) -> Sent:
        """Send all of them; nothing a channel does is raised."""
        chunks = list(self._chunks(items))
        sent = Sent()
        with ThreadPoolExecutor(max_workers=max(len(chunks), 1), thread_name_prefix="hub-deliver") as threads:
            for future in [threads.submit(copy_context().run, self._sent, channel, ours) for channel, ours in chunks]:
                failed, slow = future.result()
                sent.failed.update(failed)
                sent.slow.update(slow)
        return sent

    def _chunks(self, items: Sequence[OutboxItem]) -> Iterator[tuple[Channel, Sequence[OutboxItem]]]:
        """Yield what goes out together: of one destination, as many as its channel takes at once."""
        by_destination: defaultdict[str, list[OutboxItem]] = defaultdict(list)
        for item in items:
            by_destination[item.destination].append(item)
        for destination, ours in by_destination.items():
            channel = self.routes if "/" in destination else self.channels.get(destination, _NoChannel())
            for start in range(0, len(ours), channel.at_once):
                yield channel, ours[start : start + channel.at_once]

    def _sent(
        self, channel: Channel, items: Sequence[OutboxItem]
    ) -> tuple[Mapping[UUID, DeliveryFailed], Sequence[UUID]]:
        """Return those that did not arrive, and those that took long."""
        began = monotonic()
        failed = self._tried(channel, items)
        slow = monotonic() - began > _SLOW_S
        return failed, [item.lease for item in items] if slow else []

    @staticmethod
    def _tried(channel: Channel, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        try:
            return channel.send(items)
        except DeliveryFailed as failed:
            failure = failed
        except Exception as broken:  # noqa: BLE001 - one event nobody can send must not hold up all the others
            _log.error("sending an event broke", exc_info=broken, extra=log_context(items[0]))
            failure = DeliveryFailed(f"sending it failed with {type(broken).__name__}")
        return dict.fromkeys((item.lease for item in items), failure)


class _NoChannel:
    """Stands for a channel that the deployment had when the event was routed, and has no more."""

    at_once = 100

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        raise DeliveryRefused(
            f"this deployment has no channel {items[0].destination} any more. Set it up again and replay, or let it go."
        )


def log_context(item: OutboxItem) -> dict[str, str]:
    """Return what a log line says of an event."""
    about = {"integrationId": str(item.event.integration_id), "tenantId": item.tenant_id}
    return {**about, "action": "deliver", "destination": item.destination}
