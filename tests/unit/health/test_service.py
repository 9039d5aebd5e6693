"""Checks on demand and by the sweep, over in-memory stores and the scripted connector: one engine."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from integrations_hub.catalog.views import ListQuery
from integrations_hub.connector.contract import CheckResult
from integrations_hub.errors import Invalid, NotFound, TooManyRequests
from integrations_hub.health.machine import conclude
from integrations_hub.health.status import Status
from integrations_hub.health.views import HistoryQuery
from integrations_hub.storage.memory import MemoryHealth, MemorySweep
from tests.support.in_memory_hub import ACME, InMemoryHub, draft

PASSED = CheckResult(steps=(), latency_ms=1.0)


def script(*turns: dict) -> dict:
    return {"script": list(turns)}


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def sweeps(hub: InMemoryHub, times: int) -> None:
    for _ in range(times):
        hub.sweep.sweep_health()
        hub.wait(300)


def severities(hub: InMemoryHub) -> list[str]:
    return [event.severity for event in hub.events() if event.type == "integration.health_changed"]


def test_a_check_on_demand_is_a_check(hub):
    view = hub.register()
    hub.wait(7)
    answer = hub.health.check_integration(ACME, view.id)
    assert (answer.status, answer.check_status, answer.checked_at) == (Status.HEALTHY, Status.HEALTHY, hub.time)
    assert answer.next_check_at > hub.time
    assert len(hub.health_reader.get_integration_health(ACME, view.id, HistoryQuery()).history) == 1


def test_a_check_that_was_asked_for_is_told_and_the_sweeps_are_not(hub):
    view = hub.register()
    hub.sweep.sweep_health()
    hub.health.check_integration(ACME, view.id)
    assert [event.type for event in hub.events()] == [
        "integration.created",
        "integration.health_changed",
        "integration.checked",
    ]


def test_an_unhealthy_one_says_why_and_what_to_do(hub):
    view = hub.register(config=script({"do": "unhealthy", "reason": "credential_rejected"}))
    answer = hub.health.check_integration(ACME, view.id)
    assert (answer.status, answer.reason) == (Status.UNHEALTHY, "credential_rejected")
    failed = next(step for step in answer.steps if step.status == "failed")
    assert failed.evidence
    assert failed.remedy


def test_down_then_up_is_one_alert_and_one_recovery(hub):
    hub.register(config=script({"do": "unhealthy", "reason": "connect_error", "checks": 4}, {"do": "healthy"}))
    sweeps(hub, 8)
    assert severities(hub) == ["info", "alert", "recovery"]


def test_a_crashing_connector_is_unknown(hub):
    view = hub.register(config=script({"do": "crash"}))
    assert hub.health.check_integration(ACME, view.id).status is Status.UNKNOWN


def test_the_script_goes_on_from_check_to_check(hub):
    view = hub.register(config=script({"do": "flap", "period": 1}))
    seen = [hub.health.check_integration(ACME, view.id).check_status for _ in range(4)]
    assert seen == ["healthy", "unhealthy", "healthy", "unhealthy"]


def test_a_retry_after_in_force_is_obeyed_on_demand_too(hub):
    view = hub.register(
        config=script({"do": "unhealthy", "reason": "rate_limited", "retryAfterS": 120}, {"do": "healthy"})
    )
    hub.health.check_integration(ACME, view.id)
    hub.wait(60)
    assert hub.health.check_integration(ACME, view.id).check_reason == "rate_limited"
    assert hub.sweep.sweep_health().claimed == 0
    hub.wait(61)
    assert hub.health.check_integration(ACME, view.id).check_reason == "ok"


def test_checks_and_tests_share_the_tenants_allowance():
    hub = InMemoryHub(per_minute=2)
    view = hub.register()
    hub.health.check_integration(ACME, view.id)
    hub.health.test_integration(ACME, draft())
    with pytest.raises(TooManyRequests) as refused:
        hub.health.check_integration(ACME, view.id)
    assert int(refused.value.extras.headers["Retry-After"]) <= 60
    hub.wait(60)
    hub.health.check_integration(ACME, view.id)


def test_a_dry_run_stores_nothing_but_its_audit_entry_and_its_receipt_is_accepted(hub):
    answer = hub.health.test_integration(ACME, draft())
    assert answer.status is Status.HEALTHY
    assert hub.reader.list_integrations(ACME, ListQuery()).items == []
    assert [r.action for r in hub.audit()] == ["integration.tested"]
    hub.catalog.create_integration(ACME, draft(), None, answer.receipt)
    assert '"testReceipt":true' in hub.audit()[-1].details


def test_a_receipt_of_another_body_is_refused(hub):
    receipt = hub.health.test_integration(ACME, draft()).receipt
    with pytest.raises(Invalid):
        hub.catalog.create_integration(ACME, draft("other"), None, receipt)


def test_a_change_during_a_check_makes_its_result_stale(hub):
    view = hub.register()
    claims = MemorySweep(hub.memory).claim_due(10, 60)
    hub.catalog.update_integration(
        ACME, view.id, draft(config=script({"do": "unhealthy", "reason": "connect_error"})), None
    )
    again = MemorySweep(hub.memory).claim_due(10, 60)
    assert len(claims) == len(again) == 1
    assert claims[0].lease != again[0].lease


def test_history_pages_newest_first(hub):
    view = hub.register(config=script({"do": "flap", "period": 2}))
    sweeps(hub, 5)
    first = hub.health_reader.get_integration_health(ACME, view.id, HistoryQuery(page_size=3))
    rest = hub.health_reader.get_integration_health(
        ACME, view.id, HistoryQuery(page_size=3, page_token=first.next_page_token)
    )
    times = [entry.checked_at for entry in first.history + rest.history]
    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    assert rest.next_page_token is None


def test_windows_count_uptime_and_leave_maintenance_out(hub):
    window = {"from": "2030-01-01T00:00:00Z", "until": "2030-01-01T00:04:00Z"}
    view = hub.register(
        config=script({"do": "unhealthy", "reason": "connect_error", "checks": 2}, {"do": "healthy"}),
        maintenance=[window],
    )
    sweeps(hub, 4)  # down in maintenance, down, healthy, healthy
    day = hub.health_reader.get_integration_health(ACME, view.id, HistoryQuery()).windows[0]
    assert (day.hours, day.checks, round(day.uptime_percent, 1), day.transitions) == (24, 3, 66.7, 1)
    assert day.mttr_seconds == 300


def test_nothing_by_that_id_is_not_found(hub):
    for ask in (
        lambda: hub.health.check_integration(ACME, uuid4()),
        lambda: hub.health_reader.get_integration_health(ACME, uuid4(), HistoryQuery()),
    ):
        with pytest.raises(NotFound):
            ask()


def in_flight(hub: InMemoryHub, **changes):
    """Register one and begin its check, to be recorded later."""
    view = hub.register(**changes)
    claim = MemoryHealth(hub.memory).claim("acme", view.id, 60)
    assert claim is not None
    return view, lambda: MemorySweep(hub.memory).record([conclude(claim, PASSED, hub.time)])


def test_one_that_is_resumed_during_its_check_is_swept_again(hub):
    # Given a paused one whose check on demand is under way
    view, end = in_flight(hub, paused=True)
    # When
    hub.catalog.update_integration(ACME, view.id, draft(), None)
    end()
    # Then
    hub.wait(300)
    assert hub.sweep.sweep_health().recorded == 1


def test_one_that_is_paused_during_its_check_is_planned_no_more(hub):
    view, end = in_flight(hub)
    hub.catalog.update_integration(ACME, view.id, draft(paused=True), None)
    end()
    hub.wait(300)
    assert hub.reader.get_integration(ACME, view.id).next_check_at is None
    assert hub.sweep.sweep_health().claimed == 0


def test_an_interval_changed_during_a_check_counts_at_once(hub):
    view, end = in_flight(hub, checkIntervalSeconds=86_400)
    hub.catalog.update_integration(ACME, view.id, draft(checkIntervalSeconds=60), None)
    end()
    hub.wait(60)
    assert hub.sweep.sweep_health().recorded == 1


def test_a_new_name_does_not_cost_the_check_under_way(hub):
    view, end = in_flight(hub)
    hub.catalog.update_integration(ACME, view.id, draft("renamed"), None)
    assert list(end()) == [view.id]


def test_a_retry_after_in_force_outlasts_a_pause(hub):
    # Given
    turns = script({"do": "unhealthy", "reason": "rate_limited", "retryAfterS": 600}, {"do": "healthy"})
    view = hub.register(config=turns)
    hub.sweep.sweep_health()
    # When
    hub.catalog.update_integration(ACME, view.id, draft(config=turns, paused=True), None)
    resumed = hub.catalog.update_integration(ACME, view.id, draft(config=turns), None)
    # Then
    assert resumed.next_check_at == hub.time + timedelta(seconds=600)
    assert hub.sweep.sweep_health().claimed == 0


def test_a_rest_outlasts_a_pause(hub):
    # Given one whose credential was rejected
    turns = script({"do": "unhealthy", "reason": "credential_rejected"})
    view = hub.register(config=turns)
    hub.sweep.sweep_health()
    # When
    hub.catalog.update_integration(ACME, view.id, draft(config=turns, paused=True), None)
    resumed = hub.catalog.update_integration(ACME, view.id, draft(config=turns), None)
    # Then
    assert resumed.next_check_at == hub.time + timedelta(minutes=15)


def test_who_joins_a_check_that_died_gets_one_of_their_own(hub):
    # Given a check whose process died
    view, _ = in_flight(hub)
    hub.ticking = timedelta(seconds=20)  # from here on, each look at the clock takes a third of a lease
    # When
    answer = hub.health.check_integration(ACME, view.id)
    # Then
    assert answer.check_status is Status.HEALTHY
