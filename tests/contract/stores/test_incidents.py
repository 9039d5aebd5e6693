"""Incidents, secrets that are looked at, and checks brought forward, the same in every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from integrations_hub.connector.reasons import Reason
from integrations_hub.events.model import NO_SUBJECT, Event, EventType, Severity
from integrations_hub.health.status import Status
from tests.support.catalogue import Stores, a_caller, passed, recorded


def opened(cause: str) -> Event:
    return Event(EventType.INCIDENT_OPENED, NO_SUBJECT, {"cause": cause}, Severity.ALERT)


def closed(cause: str) -> Event:
    return Event(EventType.INCIDENT_CLOSED, NO_SUBJECT, {"cause": cause}, Severity.RECOVERY)


def test_an_incident_opens_once_and_closes_once_and_may_come_again(stores):
    cause = f"backend:{uuid4().hex}"
    assert [stores.incidents.open_incident(cause, opened(cause)) for _ in range(3)] == [True, False, False]
    assert cause in stores.incidents.open_incidents()
    assert [stores.incidents.close_incident(cause, closed(cause)) for _ in range(2)] == [True, False]
    assert cause not in stores.incidents.open_incidents()
    assert stores.incidents.open_incident(cause, opened(cause)) is True
    assert stores.incidents.close_incident(cause, closed(cause)) is True
    told = []
    while items := stores.outbox.claim(1000, 60):
        told += [item for item in items if item.event.data.get("cause") == cause]
        stores.outbox.delivered([item.lease for item in items])
    assert [item.event.severity for item in told].count(Severity.ALERT) == 2
    assert [item.event.severity for item in told].count(Severity.RECOVERY) == 2
    assert {item.tenant_id for item in told} == {"-"}
    assert len({item.event.integration_id for item in told}) == 2  # the incidents, which are the subjects


def rested(stores: Stores, caller, **standing):
    """Store an integration whose next check is an hour off."""
    one = stores.add(caller, uuid4().hex)
    claim = stores.health.claim(caller.tenant, one.id, 60)
    result = recorded(claim, passed())
    far = {"next_check_at": datetime.now(UTC) + timedelta(hours=1), **standing}
    stores.health.record(caller.tenant, result._replace(standing=result.standing._replace(**far)))
    return one


def test_a_secret_is_looked_at_when_it_is_time_and_then_not_for_a_while(stores):
    caller, past = a_caller(), datetime.now(UTC) - timedelta(seconds=1)
    one = rested(stores, caller, look_at=past, secret_revision="v:3", credential_rotated_at=past)
    rested(stores, a_caller(), look_at=past + timedelta(minutes=4))
    looks = [look for look in stores.incidents.claim_looks(1000) if look.tenant_id == caller.tenant]
    (look,) = looks
    assert (look.integration_id, look.auth_ref_uri, look.type) == (one.id, one.auth_ref_uri, one.type)
    assert (look.known.revision, look.known.rotated_at) == ("v:3", past)
    assert one.id not in [again.integration_id for again in stores.incidents.claim_looks(1000)]


def due(stores: Stores, caller, one):
    return stores.health.latest(caller.tenant, one.id).standing.next_check_at


def test_checks_are_brought_forward_by_id_and_by_cause(stores):
    caller, cause = a_caller(), f"backend:{uuid4().hex}"
    named, caused, other = rested(stores, caller), rested(stores, caller, cause=cause), rested(stores, caller)
    assert stores.incidents.wake([named.id], cause, 1.0, 29.0) == 2
    soon = datetime.now(UTC) + timedelta(seconds=31)
    assert [due(stores, caller, one) <= soon for one in (named, caused, other)] == [True, True, False]


def test_who_fails_by_a_cause_is_counted_and_a_paused_one_is_not(stores):
    cause = f"connector:{uuid4().hex}"
    assert stores.incidents.failing_by(cause) == 0
    for caller in (a_caller(), a_caller()):
        rested(stores, caller, cause=cause)
    rested(stores, a_caller(), cause=cause, next_check_at=None)
    assert stores.incidents.failing_by(cause) == 2


def test_a_provider_s_wish_to_wait_is_obeyed_and_a_paused_one_sleeps_on(stores):
    caller, until = a_caller(), datetime.now(UTC) + timedelta(minutes=30)
    waits = rested(stores, caller, retry_after_until=until)
    paused = rested(stores, caller, next_check_at=None)
    stores.incidents.wake([waits.id, paused.id], None)
    assert due(stores, caller, waits) == until
    assert due(stores, caller, paused) is None


def test_what_ends_is_summed_up_by_what_it_is(stores):
    caller, soon = a_caller(), datetime.now(UTC) + timedelta(days=3)
    one = rested(stores, caller, credential_ends_at=soon, certificate_ends_at=soon + timedelta(days=1))
    suspended = rested(stores, caller, status=Status.UNHEALTHY, reason=Reason.SUSPENDED)
    ending = stores.catalog.summary(caller.tenant, datetime.now(UTC) + timedelta(days=30)).ending
    assert [(end.id, end.what) for end in ending] == [
        (suspended.id, "installation"), (one.id, "credential"), (one.id, "certificate"),
    ]  # fmt: skip
    assert len(stores.catalog.summary(caller.tenant, soon + timedelta(hours=1)).ending) == 2


def test_a_rotation_is_kept_with_the_integration(stores):
    caller, at = a_caller(), datetime(2030, 1, 2, tzinfo=UTC)
    one = rested(
        stores, caller, credential_rotated_at=at, secret_revision="v:2", endings_told={"credential": {"days": 7}}
    )
    assert stores.catalog.get(caller.tenant, one.id).credential_rotated_at == at
    standing = stores.health.claim(caller.tenant, one.id, 60).standing
    assert (standing.secret_revision, standing.credential_rotated_at) == ("v:2", at)
    assert standing.endings_told == {"credential": {"days": 7}}
