"""Claims, results and the health they add up to, the same in every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.events.model import Severity
from integrations_hub.health.status import Status, effective
from tests.support.catalogue import a_caller, failed, passed, recorded


def test_a_claim_carries_what_a_check_needs_and_is_exclusive(stores):
    # Given
    caller = a_caller()
    made = stores.add(caller)
    # When
    (claim,) = stores.claim_of(caller)
    # Then
    assert (claim.integration_id, claim.tenant_id, claim.config) == (made.id, caller.tenant, made.config)
    assert (claim.auth_ref_uri, claim.target, claim.type) == (made.auth_ref_uri, made.target, made.type)
    assert not stores.claim_of(caller)
    assert stores.health.claim(caller.tenant, made.id, 60) is None
    latest = stores.health.latest(caller.tenant, made.id)
    assert (latest.claimed_at, latest.check_status) == (claim.claimed_at, None)
    assert latest.leased_until > claim.claimed_at


def test_a_claim_that_ran_out_comes_back_and_the_first_holder_is_too_late(stores):
    # Given
    caller = a_caller()
    made = stores.add(caller)
    first = stores.health.claim(caller.tenant, made.id, 0)
    # When
    second = stores.health.claim(caller.tenant, made.id, 60)
    # Then
    assert not stores.health.record(caller.tenant, recorded(first, failed()))
    assert not stores.sweep.record([recorded(first, failed())])
    assert stores.health.record(caller.tenant, recorded(second, passed()))
    assert stores.catalog.get(caller.tenant, made.id).status is Status.HEALTHY
    assert len(stores.overview(caller, made.id).history) == 1


def test_a_result_of_another_tenant_is_not_written(stores):
    caller, other = a_caller(), a_caller()
    made = stores.add(caller)
    claim = stores.health.claim(caller.tenant, made.id, 60)
    assert not stores.health.record(other.tenant, recorded(claim, failed()))
    assert stores.health.record(caller.tenant, recorded(claim, passed()))


def test_a_result_becomes_status_history_and_event(stores):
    # Given
    caller, at = a_caller(), datetime.now(UTC)
    made = stores.add(caller, failure_threshold=1)
    (claim,) = stores.claim_of(caller)
    written = recorded(claim, failed(Reason.TIMEOUT, "NUL \x00 and \ud800 alone", StepName.PRODUCT), at)
    # When
    assert list(stores.sweep.record([written])) == [made.id]
    # Then
    latest = stores.health.latest(caller.tenant, made.id)
    assert latest.standing == written.standing
    assert (latest.check_status, latest.check_reason, latest.latency_ms) == (Status.UNHEALTHY, Reason.TIMEOUT, 9.0)
    assert (latest.status_changed_at, latest.leased_until) == (at, None)
    assert latest.steps[0]["durationMs"] == 1.0
    (entry,) = stores.overview(caller, made.id).history
    assert (entry.checked_at, entry.status, entry.steps) == (at, Status.UNHEALTHY, latest.steps)
    (told,) = [one for one in stores.outbox.claim(1000, 60) if one.tenant_id == caller.tenant]
    assert (told.event.id, told.event.severity, told.sequence) == (written.events[0].id, Severity.ALERT, 1)
    assert told.event.data["to"] == "unhealthy"


def test_healthy_checks_keep_no_steps_and_move_no_status_time(stores):
    # Given
    caller, at = a_caller(), datetime.now(UTC) - timedelta(minutes=5)
    made = stores.add(caller)
    # When
    for minute in range(3):
        claim = stores.health.claim(caller.tenant, made.id, 60)
        stores.health.record(caller.tenant, recorded(claim, passed(), at + timedelta(minutes=minute)))
    # Then
    newest, middle, oldest = stores.overview(caller, made.id).history
    assert [one.steps is None for one in (newest, middle, oldest)] == [True, True, False]
    assert stores.health.latest(caller.tenant, made.id).status_changed_at == at
    assert stores.health.latest(caller.tenant, made.id).standing.checks == 3
    assert list(stores.overview(caller, made.id, before=middle.checked_at).history) == [oldest]
    assert list(stores.overview(caller, made.id, limit=1).history) == [newest]


def test_windows_add_up_uptime_latency_repair_and_changes(stores):
    # Given checks a minute apart: works, fails twice, no verdict, works, and one in maintenance
    caller, start = a_caller(), datetime.now(UTC) - timedelta(minutes=30)
    made = stores.add(caller)
    results = [passed(10), failed(), failed(), failed(Reason.SECRET_UNAVAILABLE), passed(30), failed()]
    for minute, result in enumerate(results):
        claim = stores.health.claim(caller.tenant, made.id, 60)
        written = recorded(claim, result, start + timedelta(minutes=minute))
        stores.health.record(caller.tenant, written._replace(in_maintenance=minute == 5))
    # When
    day, month = stores.overview(caller, made.id, [24, 720]).windows
    # Then
    assert (day.hours, day.checks, day.uptime_percent, day.transitions) == (24, 5, 50.0, 2)
    assert day.mttr_seconds == 180.0
    assert (day.latency_p50_ms, day.latency_p95_ms) == (pytest.approx(9, rel=0.02), pytest.approx(10, rel=0.02))
    assert replace(month, hours=24) == day
    (empty,) = stores.overview(caller, stores.add(caller, "new").id).windows
    assert (empty.checks, empty.uptime_percent, empty.mttr_seconds, empty.transitions) == (0, None, None, 0)


def test_a_sparkline_has_each_hour_s_worst_verdict_and_latency(stores):
    # Given checks in four hours: one failed, one degraded, one without a verdict, and one in maintenance only
    caller, this_hour = a_caller(), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    made = stores.add(caller)
    done = [
        (5, passed(20), {}), (5, failed(), {}), (5, passed(30), {}),
        (4, passed(40), {"check_status": Status.DEGRADED}), (4, passed(40), {}),
        (3, failed(Reason.SECRET_UNAVAILABLE), {}),
        (2, failed(), {"in_maintenance": True}),
    ]  # fmt: skip
    for minute, (hours_ago, result, changes) in enumerate(done):
        claim = stores.health.claim(caller.tenant, made.id, 60)
        at = this_hour - timedelta(hours=hours_ago, minutes=-minute)
        stores.health.record(caller.tenant, recorded(claim, result, at)._replace(**changes))
    # When
    points = stores.overview(caller, made.id).points
    # Then
    assert [point.starts_at for point in points] == [this_hour - timedelta(hours=ago) for ago in range(5, -1, -1)]
    assert [point.status for point in points] == ["unhealthy", "degraded", "unknown", None, None, None]
    latencies = [point.latency_p95_ms for point in points]
    assert latencies[:2] == [pytest.approx(20, rel=0.02), pytest.approx(40, rel=0.02)]
    assert latencies[2:] == [None] * 4
    assert {point.status for point in stores.overview(caller, stores.add(caller, "new").id).points} == {None}


def test_the_sweep_looks_ahead_when_asked(stores):
    caller = a_caller()
    stores.add(caller, next_check_at=datetime.now(UTC) + timedelta(seconds=30))
    assert not stores.claim_of(caller)
    assert [one for one in stores.sweep.claim_due(1000, 60, 60) if one.tenant_id == caller.tenant]


def test_what_a_host_asked_for_counts_for_everyone_with_its_credential(stores):
    # Given four of one host, one of them with another credential, and one of another tenant
    caller, stranger = a_caller(), a_caller()
    names = {"told": "authref://vault/a", "sibling": "authref://vault/a", "other": "authref://vault/b"}
    made = {name: stores.add(caller, name, target="busy:443", auth_ref_uri=ref) for name, ref in names.items()}
    foreign = stores.add(stranger, "foreign", target="busy:443", auth_ref_uri="authref://vault/a")
    # When one is told to wait
    wish = replace(failed(Reason.RATE_LIMITED), retry_after_s=120.0)
    claim = stores.health.claim(caller.tenant, made["told"].id, 60)
    assert stores.health.record(caller.tenant, recorded(claim, wish))
    # Then its sibling waits too, the others do not
    claimed = {one.integration_id for one in stores.sweep.claim_due(1000, 60)}
    assert claimed & {one.id for one in (*made.values(), foreign)} == {made["other"].id, foreign.id}
    until = stores.health.resting_until(caller.tenant, "busy:443", "authref://vault/a")
    assert until == recorded(claim, wish, until - timedelta(seconds=120)).standing.retry_after_until
    assert stores.health.resting_until(stranger.tenant, "busy:443", "authref://vault/a") is None
    sibling = stores.health.latest(caller.tenant, made["sibling"].id).standing
    assert sibling.retry_after_until == until
    assert until <= sibling.next_check_at <= until + timedelta(seconds=11)


def test_a_rest_keeps_a_status_that_is_believed_and_revives_none_that_is_not(stores):
    # Given one checked just now, one whose check is overdue, both due again
    caller, now = a_caller(), datetime.now(UTC)
    fresh, stale = stores.add(caller, "fresh"), stores.add(caller, "stale")
    for one, at in ((fresh, now - timedelta(seconds=301)), (stale, now - timedelta(hours=2))):
        claim = stores.health.claim(caller.tenant, one.id, 60)
        assert stores.health.record(caller.tenant, recorded(claim, passed(), at))
    told = stores.add(caller, "told")
    wish = replace(failed(Reason.RATE_LIMITED), retry_after_s=7200.0)
    stores.health.record(caller.tenant, recorded(stores.health.claim(caller.tenant, told.id, 60), wish))
    # When the sweep comes to them
    assert not stores.claim_of(caller)
    # Then an hour later the first reads as it did, and the second as unknown
    later = now + timedelta(hours=1)
    standings = [stores.health.latest(caller.tenant, one.id).standing for one in (fresh, stale)]
    assert [effective(one.status, one.stale_at, later) for one in standings] == [Status.HEALTHY, Status.UNKNOWN]
    assert all(one.next_check_at > later for one in standings)


def test_a_message_delivered_twice_begins_one_check(stores):
    # Given
    caller = a_caller()
    one = stores.add(caller)
    (claim,) = stores.claim_of(caller)
    message = (one.id, claim.lease)
    # When
    (taken,) = stores.sweep.take([message, message], 60)
    # Then the message is good for nothing any more, and the lease it was exchanged for is
    assert taken.lease != claim.lease
    assert not stores.sweep.take([message], 60)
    assert not stores.sweep.record([recorded(claim, passed())])
    assert list(stores.sweep.record([recorded(taken, passed())])) == [one.id]
    assert not stores.sweep.record([recorded(taken, failed())])
    assert len(stores.overview(caller, one.id).history) == 1


def test_what_is_given_back_is_due_as_it_was(stores):
    caller = a_caller()
    stores.add(caller)
    claims = stores.claim_of(caller)
    assert not stores.claim_of(caller)
    assert stores.sweep.give_back(claims) == 1
    assert stores.sweep.give_back(claims) == 0
    again = stores.claim_of(caller)
    assert [one.integration_id for one in again] == [one.integration_id for one in claims]
    assert again[0].standing.next_check_at == claims[0].standing.next_check_at


def test_what_is_recorded_while_another_claims_is_not_claimed_again(stores):
    """Leases that end at once let every worker claim everything, until somebody's result makes it due tomorrow."""
    caller, count = a_caller(), 300
    for n in range(count):
        stores.add(caller, str(n))
    at = datetime.now(UTC)
    tomorrow = at + timedelta(days=1)

    def work(_):
        written = 0
        while claims := [one for one in stores.sweep.claim_due(40, 0) if one.tenant_id == caller.tenant]:
            results = [recorded(one, passed(), at) for one in claims]
            far = [one._replace(standing=one.standing._replace(next_check_at=tomorrow)) for one in results]
            written += len(stores.sweep.record(far))
        return written

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(4))) == count
