"""Delivery: at least once, in order per integration, and nothing that keeps the others waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations_hub.events.channels import DeliveryFailed
from integrations_hub.events.model import OutboxItem
from integrations_hub.events.service import DeliveryReport, DeliveryService
from integrations_hub.storage.memory import MemoryOutbox
from tests.support.in_memory_hub import InMemoryHub


class Place:
    """A place events go to; it takes its time, and fails as it is told."""

    def __init__(self, hub: InMemoryHub, takes_s: float = 0) -> None:
        self.hub, self.takes_s = hub, takes_s
        self.fails: dict[str, Exception] = {}
        self.got: list[str] = []

    def send(self, item: OutboxItem) -> None:
        self.hub.wait(self.takes_s)
        self.got.append(str(item.event.data["name"]))
        if failure := self.fails.get(self.got[-1]):
            raise failure


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def deliver(hub: InMemoryHub, *places: Place) -> DeliveryReport:
    return DeliveryService(MemoryOutbox(hub.memory), places, 100, hub.now).deliver_events()


def test_what_was_sent_is_settled_before_its_lease_ends_however_slow_the_place_is(hub):
    # Given as many events as take far longer than one lease
    for n in range(20):
        hub.register(f"{n:02}")
    place, other = Place(hub, takes_s=10), Place(hub)

    class Meanwhile(Place):
        """Lets another process deliver too, between any two events."""

        def send(self, item: OutboxItem) -> None:
            deliver(self.hub, other)

    # When
    deliver(hub, place, Meanwhile(hub))
    # Then each was sent once
    assert sorted(place.got + other.got) == [f"{n:02}" for n in range(20)]


def test_one_that_cannot_be_sent_at_all_keeps_nobody_waiting(hub):
    # Given a fault nobody foresaw
    for name in ("bad", "good"):
        hub.register(name)
    place = Place(hub)
    place.fails["bad"] = KeyError("not-a-real-secret-1")
    # When
    report = deliver(hub, place)
    # Then
    assert (report.delivered, report.retried) == (1, 1)
    assert deliver(hub, place) == DeliveryReport(0, 0, 0)


def test_what_fails_sixteen_times_is_a_dead_letter_with_its_reason(hub):
    # Given
    hub.register("bad")
    place, outbox = Place(hub), MemoryOutbox(hub.memory)
    place.fails["bad"] = DeliveryFailed("the webhook answered 400")
    service = DeliveryService(outbox, [place], 100, hub.now)
    # When
    reports = []
    for _ in range(16):
        reports.append(service.deliver_events())
        hub.wait(timedelta(hours=6).total_seconds())
    # Then
    assert reports == [DeliveryReport(0, 1, 0)] * 15 + [DeliveryReport(0, 0, 1)]
    assert list(outbox.dead.values()) == ["the webhook answered 400"]


def test_what_did_not_arrive_is_in_the_log_with_the_reason(hub, caplog):
    # Given
    hub.register("bad")
    place = Place(hub)
    place.fails["bad"] = DeliveryFailed("the webhook answered 400")
    # When
    for _ in range(16):
        deliver(hub, place)
        hub.wait(timedelta(hours=6).total_seconds())
    # Then
    told = [(record.levelname, record.getMessage()) for record in caplog.records if "arrive" in record.getMessage()]
    assert [level for level, _ in told] == ["WARNING"] * 15 + ["ERROR"]
    assert all("the webhook answered 400" in message for _, message in told)
