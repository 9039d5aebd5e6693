"""The hysteresis and alert machine, row by row of its table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from integrations_hub.catalog.model import MaintenanceWindow
from integrations_hub.connector.contract import CheckResult, Step, StepStatus
from integrations_hub.connector.reasons import EFFECTS, Effect, Reason, StepName
from integrations_hub.events.model import Severity
from integrations_hub.health.machine import check_status, conclude, next_due
from integrations_hub.health.model import Claim, Recorded, Standing
from integrations_hub.health.status import Status, effective, stale_after

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
INTERVAL = 300


def found(reason: Reason, status: StepStatus = StepStatus.FAILED, retry_after_s: float | None = None) -> CheckResult:
    if reason is Reason.OK:
        status = StepStatus.PASSED
    return CheckResult((Step(StepName.PRODUCT, status, 1.0, "seen", reason, "do this"),), 1.0, None, retry_after_s)


def claim(**changes: Any) -> Claim:
    one = Claim(
        integration_id=UUID("00000000-0000-4000-8000-000000000001"),
        tenant_id="acme",
        lease=uuid4(),
        claimed_at=NOW,
        type="harbor",
        name="registry",
        config={},
        auth_ref_uri=None,
        target="harbor.example:443",
        check_interval_seconds=INTERVAL,
        failure_threshold=3,
        success_threshold=2,
        paused=False,
        maintenance=(),
        standing=Standing(),
    )
    return one._replace(**changes)


def run(*results: CheckResult, start: Claim | None = None, gap_s: float = INTERVAL) -> list[Recorded]:
    """Feed results one after the other, each `gap_s` after the last."""
    current, records = start or claim(), []
    for n, result in enumerate(results):
        records.append(conclude(current, result, NOW + timedelta(seconds=n * gap_s)))
        current = current._replace(standing=records[-1].standing)
    return records


def statuses(records: list[Recorded]) -> list[str]:
    return [record.standing.status for record in records]


def severities(records: list[Recorded]) -> list[str]:
    return [event.severity for record in records for event in record.events if event.severity is not Severity.INFO]


OK, DOWN = found(Reason.OK), found(Reason.CONNECT_ERROR)


def test_one_success_is_enough_from_unknown():
    assert statuses(run(OK)) == ["healthy"]


def test_failures_degrade_and_make_unhealthy_at_the_threshold():
    assert statuses(run(OK, DOWN, DOWN, DOWN)) == ["healthy", "degraded", "degraded", "unhealthy"]


def test_a_success_between_failures_starts_the_count_again():
    assert statuses(run(OK, DOWN, DOWN, OK, DOWN, DOWN)) == [
        "healthy",
        "degraded",
        "degraded",
        "healthy",
        "degraded",
        "degraded",
    ]


def test_recovery_from_unhealthy_needs_the_success_threshold():
    assert statuses(run(DOWN, DOWN, DOWN, OK, OK))[2:] == ["unhealthy", "unhealthy", "healthy"]


def test_a_failure_during_recovery_starts_the_successes_again():
    assert statuses(run(DOWN, DOWN, DOWN, OK, DOWN, OK, OK))[2:] == [
        "unhealthy",
        "unhealthy",
        "unhealthy",
        "unhealthy",
        "healthy",
    ]


@pytest.mark.parametrize("reason", [r for r in Reason if EFFECTS[r] is Effect.SUCCESS and r is not Reason.OK])
def test_a_degraded_step_counts_as_success(reason):
    degraded = found(reason, StepStatus.DEGRADED)
    assert statuses(run(DOWN, DOWN, DOWN, degraded, degraded))[3:] == ["unhealthy", "degraded"]


def test_an_inessential_component_down_is_a_success_and_an_essential_one_a_failure():
    assert check_status(found(Reason.COMPONENT_DOWN, StepStatus.DEGRADED)) is Status.DEGRADED
    assert check_status(found(Reason.COMPONENT_DOWN, StepStatus.FAILED)) is Status.UNHEALTHY


@pytest.mark.parametrize("reason", [r for r in Reason if EFFECTS[r] is Effect.FAILURE_AT_ONCE])
def test_failure_at_once_rests_and_doubles_to_six_hours(reason):
    # Given nothing but that failure, however often
    records = run(*[found(reason)] * 8, gap_s=6 * 3600)
    # Then it is unhealthy from the first, and each rest is twice the last, up to six hours
    assert statuses(records) == ["unhealthy"] * 8
    rests = [
        round((r.standing.next_check_at - r.checked_at).total_seconds() / 60)
        for r in records
        if r.standing.next_check_at
    ]
    assert rests == [15, 30, 60, 120, 240, 360, 360, 360]


def test_one_that_rests_keeps_its_status_until_an_interval_past_its_planned_check():
    record = run(found(Reason.CREDENTIAL_REJECTED))[0].standing
    assert effective(record.status, record.stale_at, NOW + timedelta(minutes=19)) is Status.UNHEALTHY
    assert effective(record.status, record.stale_at, NOW + timedelta(minutes=21)) is Status.UNKNOWN


@pytest.mark.parametrize("reason", [r for r in Reason if EFFECTS[r] is Effect.UNKNOWN])
def test_no_verdict_is_unknown_and_leaves_the_streaks(reason):
    records = run(DOWN, DOWN, found(reason), DOWN)
    assert statuses(records) == ["degraded", "degraded", "unknown", "unhealthy"]


def test_rate_limited_keeps_the_status_and_waits_as_asked():
    records = run(OK, found(Reason.RATE_LIMITED, retry_after_s=1200))
    assert statuses(records) == ["healthy", "healthy"]
    assert records[1].standing.next_check_at == records[1].checked_at + timedelta(seconds=1200)
    assert records[1].standing.retry_after_until == records[1].checked_at + timedelta(seconds=1200)


def test_one_alert_and_one_recovery_whatever_lies_between():
    between = [found(Reason.SECRET_UNAVAILABLE), found(Reason.RATE_LIMITED), DOWN, OK, DOWN]
    records = run(DOWN, DOWN, DOWN, *between, OK, OK, OK)
    assert severities(records) == ["alert", "recovery"]


def test_a_recovery_out_of_unknown_closes_the_open_alert():
    assert severities(run(DOWN, DOWN, DOWN, found(Reason.SECRET_UNAVAILABLE), OK)) == ["alert", "recovery"]


def test_an_overdue_result_counts_as_unknown_when_the_next_check_comes():
    # Given an unhealthy one that nobody checked for a day
    records = run(DOWN, DOWN, DOWN, OK, gap_s=86_400)
    # Then one success is enough
    assert statuses(records)[-1] == "healthy"


def test_maintenance_alerts_nobody_and_the_alert_comes_after_it():
    window = MaintenanceWindow(NOW - timedelta(hours=1), NOW + timedelta(seconds=3.5 * INTERVAL))
    records = run(*[DOWN] * 5, start=claim(maintenance=(window,)))
    assert [bool(r.in_maintenance) for r in records] == [True, True, True, True, False]
    assert [len([e for e in r.events if e.severity is Severity.ALERT]) for r in records] == [0, 0, 0, 0, 1]


def test_a_paused_one_is_stored_alerts_nobody_and_is_planned_no_more():
    records = run(DOWN, DOWN, DOWN, start=claim(paused=True))
    assert severities(records) == []
    assert records[-1].standing.next_check_at is None


def test_events_name_the_integration_and_never_its_config():
    secretive = claim(config={"endpoint": "https://not-for-events.example"})
    event = run(DOWN, start=secretive)[0].events[0]
    assert event.integration_id == secretive.integration_id
    assert "not-for-events" not in repr(event)


def test_steps_are_kept_when_not_healthy_or_on_a_transition():
    assert [r.keep_steps for r in run(OK, OK, DOWN, OK)] == [True, False, True, True]


def test_due_times_are_spread_over_the_interval_and_keep_their_beat():
    # Given a thousand integrations registered in the same second
    ids = [UUID(int=n) for n in range(1000)]
    due = [next_due(one, NOW, INTERVAL) for one in ids]
    # Then every tenth of the interval has some, all within it
    tenths = {int((at - NOW).total_seconds()) * 10 // INTERVAL for at in due}
    assert all(timedelta(0) < at - NOW <= timedelta(seconds=INTERVAL) for at in due)
    assert set(range(10)) <= tenths
    # And the next beat is exactly one interval later
    assert [next_due(one, at, INTERVAL) - at for one, at in zip(ids, due, strict=True)] == [
        timedelta(seconds=INTERVAL)
    ] * 1000


def test_stale_is_the_later_of_one_interval_past_the_plan_and_two_past_the_last():
    assert stale_after(NOW, NOW + timedelta(seconds=10), INTERVAL) == NOW + timedelta(seconds=600)
    assert stale_after(NOW, NOW + timedelta(hours=1), INTERVAL) == NOW + timedelta(seconds=3900)
    assert stale_after(NOW, None, INTERVAL) == NOW + timedelta(seconds=600)


def test_never_checked_reads_unknown():
    assert effective(Status.HEALTHY, None, NOW) is Status.UNKNOWN


def test_what_broke_in_a_quiet_time_and_is_mending_alerts_nobody():
    # Given one that became unhealthy in a maintenance window
    window = MaintenanceWindow(NOW - timedelta(hours=1), NOW + timedelta(seconds=2.5 * INTERVAL))
    # When the checks after it find it well, or find nothing out
    mended = run(DOWN, DOWN, DOWN, OK, OK, start=claim(maintenance=(window,)))
    limited = run(DOWN, DOWN, DOWN, found(Reason.RATE_LIMITED), DOWN, start=claim(maintenance=(window,)))
    # Then only a check that finds it broken alerts
    assert (statuses(mended)[2:], severities(mended)) == (["unhealthy", "unhealthy", "healthy"], [])
    assert [len(one.events) for one in limited][3:] == [0, 1]


def test_a_credential_that_no_longer_ends_is_said_to_end_no_more():
    ending = replace(OK, credential_ends_at=NOW + timedelta(days=3))
    ends = [one.standing.credential_ends_at for one in run(ending, DOWN, OK)]
    assert ends == [NOW + timedelta(days=3), NOW + timedelta(days=3), None]
