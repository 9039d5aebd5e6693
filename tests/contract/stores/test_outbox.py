"""Events on their way out: their order, their routes and what is given up, the same in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.events.model import Event, EventType, Severity
from integrations_hub.events.routes import AlertRoute
from integrations_hub.observability.traces import within
from integrations_hub.tenants.model import TenantSettings
from tests.support.catalogue import a_caller
from tests.support.every_store import claimed_of

OWN = AlertRoute("own", "webhook", "https://hooks.example/a", "authref://vault/hook")
CHANGED = AuditEntry(AuditAction.SETTINGS_UPDATED, None, {})


def test_delivery_keeps_the_order_of_an_integration(stores):
    # Given two integrations with two events each
    caller = a_caller()
    one, other = stores.add(caller, "one"), stores.add(caller, "other")
    events = [Event(EventType.UPDATED, which.id, {"n": n}) for n in (1, 2) for which in (one, other)]
    stores.emit(caller, *events)

    def mine():
        return [item for item in stores.outbox.claim(1000, 60) if item.tenant_id == caller.tenant]

    # When / Then: the oldest of each, and no more while they are out
    first = mine()
    assert {item.event.id for item in first} == {events[0].id, events[1].id}
    assert {(item.sequence, item.attempts) for item in first} == {(1, 0)}
    assert not mine()
    # a delivered one makes room, a resting one does not
    by_id = {item.event.integration_id: item for item in first}
    stores.outbox.delivered([by_id[one.id].lease])
    stores.outbox.retry(by_id[other.id].lease, datetime.now(UTC) + timedelta(hours=1), "no answer")
    (second,) = mine()
    assert (second.event.id, second.sequence) == (events[2].id, 2)
    # a retried one counts its tries; one given up is out of the way
    stores.outbox.retry(second.lease, datetime.now(UTC) - timedelta(seconds=1), "no answer")
    (again,) = mine()
    assert (again.event.id, again.attempts) == (events[2].id, 1)
    stores.outbox.give_up(again.lease, "refused")
    assert not mine()


def test_a_lease_taken_over_settles_nothing(stores):
    caller = a_caller()
    one = stores.add(caller)
    stores.emit(caller, Event(EventType.UPDATED, one.id))
    (first,) = [item for item in stores.outbox.claim(1000, 0) if item.tenant_id == caller.tenant]
    (second,) = [item for item in stores.outbox.claim(1000, 0) if item.tenant_id == caller.tenant]
    stores.outbox.delivered([first.lease])
    (third,) = [item for item in stores.outbox.claim(1000, 0) if item.tenant_id == caller.tenant]
    assert len({first.lease, second.lease, third.lease}) == 3
    stores.outbox.delivered([third.lease])
    assert not [item for item in stores.outbox.claim(1000, 0) if item.tenant_id == caller.tenant]


def test_a_tenant_s_routes_decide_where_its_events_go(stores):
    # Given
    caller = a_caller()
    one, other = stores.add(caller, "one", tags=("red",)), stores.add(caller, "other", type="github", tags=("blue",))
    routes = (
        OWN,
        AlertRoute("alerts", "sns", severities=("alert",)),
        AlertRoute("red", "knative", tags=("red", "green")),
        AlertRoute("hub", "eventbridge", types=("github",), events=("integration.updated",)),
        AlertRoute("again", "sns", types=("github",)),
    )
    stores.tenants.replace(caller, TenantSettings(alert_routes=routes), None, CHANGED)
    # When
    stores.emit(caller, Event(EventType.CREATED, one.id, severity=Severity.ALERT), Event(EventType.UPDATED, other.id))
    # Then
    claimed = claimed_of(stores, caller)
    own = f"{caller.tenant}/own"
    assert {(item.event.integration_id, item.destination) for item in claimed} == {
        (one.id, "log"), (one.id, own), (one.id, "sns"), (one.id, "knative"),
        (other.id, "log"), (other.id, own), (other.id, "sns"), (other.id, "eventbridge"),
    }  # fmt: skip
    assert {(item.url, item.secret_ref) for item in claimed if item.destination == own} == {(OWN.url, OWN.secret_ref)}
    assert {(item.url, item.secret_ref) for item in claimed if item.destination != own} == {(None, None)}


def test_destinations_of_one_event_are_settled_each_by_itself(stores):
    # Given
    caller = a_caller()
    one = stores.add(caller)
    stores.tenants.replace(caller, TenantSettings(alert_routes=(OWN,)), None, CHANGED)
    stores.emit(caller, Event(EventType.UPDATED, one.id, {"n": 1}), Event(EventType.UPDATED, one.id, {"n": 2}))
    by_destination = {item.destination: item for item in claimed_of(stores, caller)}
    # When one rests and one arrived
    own = f"{caller.tenant}/own"
    stores.outbox.retry(by_destination[own].lease, datetime.now(UTC) + timedelta(hours=1), "away")
    stores.outbox.delivered([by_destination["log"].lease])
    # Then the one that arrived goes on
    (second,) = claimed_of(stores, caller)
    assert (second.destination, second.event.data) == ("log", {"n": 2})
    stores.outbox.delivered([second.lease])
    assert not claimed_of(stores, caller)


def test_a_destination_to_avoid_is_not_claimed(stores):
    caller = a_caller()
    stores.tenants.replace(caller, TenantSettings(alert_routes=(OWN,)), None, CHANGED)
    stores.emit(caller, Event(EventType.UPDATED, stores.add(caller).id))
    assert [item.destination for item in claimed_of(stores, caller, {f"{caller.tenant}/own"})] == ["log"]
    assert [item.destination for item in claimed_of(stores, caller)] == [f"{caller.tenant}/own"]


def test_a_route_that_is_changed_while_an_event_rests_leads_to_its_new_address(stores):
    caller = a_caller()
    stores.tenants.replace(caller, TenantSettings(alert_routes=(OWN,)), None, CHANGED)
    stores.emit(caller, Event(EventType.UPDATED, stores.add(caller).id))
    for item in claimed_of(stores, caller):
        stores.outbox.retry(item.lease, datetime.now(UTC) - timedelta(seconds=1), "away")
    elsewhere = replace(OWN, url="https://hooks.example/b")
    stores.tenants.replace(caller, TenantSettings(alert_routes=(elsewhere,)), None, CHANGED)
    again = [item for item in claimed_of(stores, caller) if item.destination != "log"]
    assert [item.url for item in again] == ["https://hooks.example/b"]
    stores.outbox.retry(again[0].lease, datetime.now(UTC) - timedelta(seconds=1), "away")
    stores.tenants.replace(caller, TenantSettings(), None, CHANGED)
    assert [item.url for item in claimed_of(stores, caller) if item.destination != "log"] == [None]


def test_an_event_remembers_the_trace_it_came_of(stores):
    caller, traceparent = a_caller(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    one = stores.add(caller)
    with within(traceparent):
        stores.emit(caller, Event(EventType.UPDATED, one.id, {"n": 1}))
    stores.emit(caller, Event(EventType.UPDATED, one.id, {"n": 2}))
    (first,) = claimed_of(stores, caller)
    stores.outbox.delivered([first.lease])
    (second,) = claimed_of(stores, caller)
    assert (first.event.traceparent, second.event.traceparent) == (traceparent, "")


def test_what_was_given_up_is_listed_and_can_be_sent_again(stores):
    # Given
    caller, stranger = a_caller(), a_caller()
    one = stores.add(caller)
    event = Event(EventType.UPDATED, one.id)
    stores.emit(caller, event)
    stores.emit(stranger, Event(EventType.UPDATED, stores.add(stranger).id))
    (item,) = claimed_of(stores, caller)
    stores.outbox.give_up(item.lease, "gone")
    # Then
    letters = [one for one in stores.dead_letters.dead_letters(None, 1000) if one.tenant_id == caller.tenant]
    (letter,) = letters
    assert (letter.event_id, letter.integration_id, letter.type) == (event.id, one.id, EventType.UPDATED)
    assert (letter.destination, letter.attempts, letter.error) == ("log", 1, "gone")
    assert letter not in stores.dead_letters.dead_letters((letter.dead_at, letter.id), 1000)
    assert not claimed_of(stores, caller)
    # When
    assert stores.dead_letters.replay([letter.id], None) == 1
    # Then
    (again,) = claimed_of(stores, caller)
    assert (again.event.id, again.attempts) == (event.id, 0)
    stores.outbox.give_up(again.lease, "gone")
    assert stores.dead_letters.replay([letter.event_id], None) == 0
    assert stores.dead_letters.replay([], "log") >= 1
    assert [item.event.id for item in claimed_of(stores, caller)] == [event.id]
