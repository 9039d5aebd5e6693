"""One alert for a cause, the same in every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.health.status import Status
from tests.support.catalogue import a_caller, failed, passed, recorded
from tests.support.every_store import claimed_of


def told(stores, caller):
    """Return what is told of a tenant's integrations, and have it delivered."""
    found = []
    while items := claimed_of(stores, caller):
        stores.outbox.delivered([item.lease for item in items])
        found += [(item.event.integration_id, item.event.severity, item.event.data.get("cause")) for item in items]
    return found


def check(stores, caller, result, *made):
    claims = [stores.health.claim(caller.tenant, one.id, 60) for one in made]
    assert len(stores.sweep.record([recorded(one, result) for one in claims])) == len(made)
    return told(stores, caller)


def behind(stores, caller, *names, host="harbor.example:443"):
    return [stores.add(caller, name, target=host, failure_threshold=1, success_threshold=1) for name in names]


@pytest.mark.parametrize(
    ("found", "cause", "status"),
    [
        (failed(), "host:harbor.example:443", Status.UNHEALTHY),
        (failed(Reason.EGRESS_DENIED), "host:harbor.example:443", Status.UNKNOWN),
        (failed(Reason.SECRET_UNAVAILABLE, step=StepName.AUTHENTICATE), "secret:vault", Status.UNKNOWN),
    ],
    ids=["no connection", "a forbidden address", "no secret"],
)
def test_one_alert_stands_for_all_integrations_of_a_tenant_that_fail_by_one_cause(stores, found, cause, status):
    caller = a_caller()
    made = behind(stores, caller, "a", "b", "c")
    check(stores, caller, passed(), *made)
    # When two are found broken at once and one later
    together, later = check(stores, caller, found, *made[:2]), check(stores, caller, found, made[2])
    # Then one alerts, the others' change is news; told once
    assert sorted(severity for _, severity, _ in together) == ["alert", "info"]
    assert later == [(made[2].id, "info", cause)]
    assert {about for *_, about in together} == {cause}
    assert check(stores, caller, found, *made) == []
    assert {stores.catalog.get(caller.tenant, one.id).status for one in made} == {status}
    # And there is one recovery
    recovered = check(stores, caller, passed(), *made)
    assert sorted(severity for _, severity, _ in recovered) == ["info", "info", "recovery"]
    (first,) = [one for one, severity, _ in together if severity == "alert"]
    assert (first, "recovery", None) in recovered


def test_who_is_left_alone_by_the_first_alerts_itself(stores):
    caller = a_caller()
    first, second, third = behind(stores, caller, "a", "b", "c")
    check(stores, caller, failed(), first)
    check(stores, caller, failed(), second, third)
    check(stores, caller, passed(), first)
    again = check(stores, caller, failed(), second, third)
    assert [severity for _, severity, _ in again] == ["alert"]


@pytest.mark.parametrize("how", ["paused", "another host", "another tenant", "another cause"])
def test_an_alert_stands_for_no_other(stores, how):
    caller = a_caller()
    (first,) = behind(stores, caller, "a")
    check(
        stores,
        caller,
        failed(Reason.SERVER_ERROR, step=StepName.PRODUCT) if how == "another cause" else failed(),
        first,
    )
    if how == "paused":
        with stores.catalog.write(caller) as unit:
            unit.replace(replace(unit.lock(first.id), paused=True), recheck=False)
            unit.commit()
    whose = a_caller() if how == "another tenant" else caller
    (other,) = behind(stores, whose, "b", host="elsewhere.example:443" if how == "another host" else first.target)
    at = datetime.now(UTC) + timedelta(seconds=700 if how == "paused" else 0)
    claim = stores.health.claim(whose.tenant, other.id, 60)
    stores.sweep.record([recorded(claim, failed(), at)])
    assert [severity for _, severity, _ in told(stores, whose)] == ["alert"]


def test_two_workers_at_once_open_one_alert(stores):
    caller = a_caller()
    made = behind(stores, caller, *map(str, range(12)))
    claims = [stores.health.claim(caller.tenant, one.id, 60) for one in made]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda claim: stores.sweep.record([recorded(claim, failed())]), claims))
    assert sorted(severity for _, severity, _ in told(stores, caller)) == ["alert", *["info"] * 11]
