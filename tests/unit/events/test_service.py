"""Delivery: at least once, in order per integration, and nothing that keeps the others waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from integrations_hub.events.failures import DeliveryFailed, DeliveryRefused
from integrations_hub.events.kick import InProcessKick
from integrations_hub.events.model import OutboxItem
from integrations_hub.events.sending import Sending
from integrations_hub.events.service import DeliveryReport, DeliveryService
from integrations_hub.storage.memory import MemoryOutbox
from tests.support.in_memory_hub import ACME, InMemoryHub


class Place:
    """A place events go to; it fails as it is told."""

    at_once = 1

    def __init__(self) -> None:
        self.fails: dict[str, Exception] = {}
        self.got: list[str] = []

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        for item in items:
            self.got.append(str(item.event.data["name"]))
            if failure := self.fails.get(self.got[-1]) or self.fails.get("*"):
                raise failure
        return {}


class Lot(Place):
    """A place that takes many at once and answers for each."""

    at_once = 10

    def send(self, items: Sequence[OutboxItem]) -> Mapping[UUID, DeliveryFailed]:
        names = {item.lease: str(item.event.data["name"]) for item in items}
        self.got += names.values()
        return {lease: DeliveryFailed("not this one") for lease, name in names.items() if name in self.fails}


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


class Delivery:
    """Delivery to places by name, over one outbox."""

    def __init__(self, hub: InMemoryHub, batch: int = 100, **places: Place) -> None:
        self.outbox, self.kick = MemoryOutbox(hub.memory, list(places)), InProcessKick()
        self.service = DeliveryService(self.outbox, Sending(places, Place()), self.kick, batch, hub.now)

    def __call__(self) -> DeliveryReport:
        return self.service.deliver_events()


def test_a_destination_that_fails_sends_no_other_a_repeat_and_holds_up_no_other(hub):
    # Given two events of one integration, and one of two places away for an hour
    one = hub.register("first")
    hub.catalog.delete_integration(ACME, one.id, force=True, if_version=None)
    good, bad = Place(), Place()
    bad.fails["*"] = DeliveryFailed("away")
    deliver = Delivery(hub, good=good, bad=bad)
    # When
    for _ in range(60):
        deliver()
        hub.wait(60)
    # Then
    assert good.got == ["first", "first"]
    assert len(bad.got) > 3
    # And when it is back it gets what it missed, in order
    bad.fails.clear()
    tried = len(bad.got)
    hub.wait(timedelta(hours=6).total_seconds())
    deliver()
    assert bad.got[tried:] == ["first", "first"]


def test_a_destination_in_trouble_is_left_alone_for_the_rest_of_a_run(hub):
    for n in range(50):
        hub.register(f"{n:02}")
    good, bad = Place(), Place()
    bad.fails["*"] = DeliveryFailed("away")
    report = Delivery(hub, good=good, bad=bad)()
    assert sorted(good.got) == [f"{n:02}" for n in range(50)]
    assert len(bad.got) <= 20  # as many as one claim holds
    assert report.delivered == 50


def test_of_those_sent_together_each_is_settled_by_itself(hub):
    for name in ("bad", "good", "well"):
        hub.register(name)
    lot = Lot()
    lot.fails["bad"] = DeliveryFailed("")
    deliver = Delivery(hub, lot=lot)
    assert deliver() == DeliveryReport(2, 1, 0)
    lot.fails.clear()
    hub.wait(60)
    assert deliver() == DeliveryReport(1, 0, 0)
    assert sorted(lot.got) == ["bad", "bad", "good", "well"]


def test_what_is_refused_for_good_is_a_dead_letter_at_once_and_can_be_replayed(hub):
    # Given
    hub.register("bad")
    place = Place()
    place.fails["bad"] = DeliveryRefused("gone")
    deliver = Delivery(hub, place=place)
    # When
    assert deliver() == DeliveryReport(0, 0, 1)
    # Then
    (letter,) = deliver.outbox.dead_letters(None, 10)
    assert (letter.error, letter.destination, letter.attempts) == ("gone", "place", 1)
    # And when
    place.fails.clear()
    assert deliver.outbox.replay([letter.id], None) == 1
    # Then
    assert deliver() == DeliveryReport(1, 0, 0)
    assert deliver.outbox.dead_letters(None, 10) == []


def test_a_receiver_that_asks_for_patience_gets_it(hub):
    hub.register("bad")
    place = Place()
    place.fails["bad"] = DeliveryFailed("busy", wait_s=600)
    deliver = Delivery(hub, place=place)
    deliver()
    hub.wait(599)
    assert deliver() == DeliveryReport(0, 0, 0)
    hub.wait(1)
    assert deliver() == DeliveryReport(0, 1, 0)


def test_a_channel_that_is_set_up_no_more_leaves_a_dead_letter_that_says_so(hub):
    hub.register("one")
    Delivery(hub, place=Place()).outbox.claim(10, 0)
    deliver = Delivery(hub, other=Place())
    assert deliver() == DeliveryReport(0, 0, 1)
    assert "no channel place" in deliver.outbox.dead_letters(None, 10)[0].error


def test_a_full_batch_kicks_for_the_next(hub):
    for name in ("one", "two", "three"):
        hub.register(name)
    deliver = Delivery(hub, batch=2, place=Place())
    assert deliver() == DeliveryReport(2, 0, 0)
    assert deliver.kick.wait(0)
    assert deliver() == DeliveryReport(1, 0, 0)
    assert not deliver.kick.wait(0)


def test_one_that_cannot_be_sent_at_all_keeps_nobody_waiting(hub):
    # Given a fault nobody foresaw
    for name in ("bad", "good"):
        hub.register(name)
    place = Place()
    place.fails["bad"] = KeyError("not-a-real-secret-1")
    deliver = Delivery(hub, place=place)
    # When / Then
    assert deliver() == DeliveryReport(1, 1, 0)
    assert deliver() == DeliveryReport(0, 0, 0)


def test_what_fails_sixteen_times_is_a_dead_letter_with_its_reason_and_each_failure_is_in_the_log(hub, caplog):
    # Given
    hub.register("bad")
    place = Place()
    place.fails["bad"] = DeliveryFailed("the webhook answered 400")
    deliver = Delivery(hub, place=place)
    # When
    reports = []
    for _ in range(16):
        reports.append(deliver())
        hub.wait(timedelta(hours=6).total_seconds())
    # Then
    assert reports == [DeliveryReport(0, 1, 0)] * 15 + [DeliveryReport(0, 0, 1)]
    assert [one.error for one in deliver.outbox.dead_letters(None, 10)] == ["the webhook answered 400"]
    told = [(record.levelname, record.getMessage()) for record in caplog.records if "arrive" in record.getMessage()]
    assert [level for level, _ in told] == ["WARNING"] * 15 + ["ERROR"]
    assert all("the webhook answered 400" in message for _, message in told)
