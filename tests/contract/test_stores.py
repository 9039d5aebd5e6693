"""One behaviour, every store: in memory, on PostgreSQL 18 and on PostgreSQL 15."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import (
    Dependent,
    IdempotencyKey,
    IntegrationFilter,
    MaintenanceWindow,
    Position,
    name_key,
)
from integrations_hub.catalog.plugin import PluginRecord, PluginState, Trust
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.errors import Invalid, NameTaken, PreconditionFailed
from integrations_hub.events.model import NO_SUBJECT, Event, EventType, Severity
from integrations_hub.events.routes import AlertRoute
from integrations_hub.health.status import Status, effective
from integrations_hub.observability.traces import within
from integrations_hub.storage.memory import (
    Memory,
    MemoryAudit,
    MemoryCatalog,
    MemoryHealth,
    MemoryIncidents,
    MemoryOutbox,
    MemoryPlugins,
    MemorySweep,
    MemoryTenants,
    MemoryWebhooks,
)
from integrations_hub.tenants.model import TenantSettings
from integrations_hub.webhooks.model import Accepted
from tests.support.catalogue import Stores, a_caller, failed, ids, integration, passed, postgres_stores, recorded

EVERYTHING = IntegrationFilter()
NOBODY = uuid4()


@pytest.fixture(scope="module", params=["memory", "postgres_18", "postgres_15"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        memory = Memory(lambda: datetime.now(UTC))
        outbox = MemoryOutbox(memory)
        yield Stores(
            MemoryCatalog(memory),
            MemoryHealth(memory),
            MemorySweep(memory),
            MemoryAudit(memory),
            outbox,
            MemoryPlugins(memory),
            MemoryWebhooks(memory),
            MemoryIncidents(memory),
            MemoryTenants(memory),
            outbox,
        )
        return
    database = request.getfixturevalue(request.param).fresh()
    yield postgres_stores(database)
    database.close()


# --- reading ---


def test_what_is_added_is_read_back_unchanged(stores):
    # Given
    caller, now = a_caller(), datetime.now(UTC)
    quiet = MaintenanceWindow(now, now + timedelta(hours=1), "upgrade")
    # When
    made = stores.add(caller, "Größe", maintenance=(quiet,), tags=("x", "y"), auth_ref_uri=None)
    # Then
    assert stores.catalog.get(caller.tenant, made.id) == made
    assert list(stores.catalog.page(caller.tenant, EVERYTHING, None, 10)) == [made]


def test_another_tenant_sees_nothing_of_it(stores):
    # Given
    owner, other = a_caller(), a_caller()
    made = stores.add(owner)
    stores.catalog.by_type(owner.tenant, "harbor", None, 10, consumer="portal")
    # Then
    assert stores.catalog.get(other.tenant, made.id) is None
    assert not stores.catalog.page(other.tenant, EVERYTHING, None, 10)
    assert not stores.catalog.by_type(other.tenant, "harbor", None, 10, consumer="portal")
    assert stores.catalog.dependents(other.tenant, made.id) is None
    assert stores.health.claim(other.tenant, made.id, 60) is None
    assert stores.health.latest(other.tenant, made.id) is None
    assert stores.overview(other, made.id) is None
    assert stores.audit.page(other.tenant, made.id, 0, 10) is None
    assert not stores.audit.page(other.tenant, None, 0, 10)
    assert not stores.catalog.summary(other.tenant, datetime.now(UTC)).counts
    with stores.catalog.write(other) as unit:
        assert unit.lock(made.id) is None
        assert unit.count() == 0


def test_pages_follow_the_name_key_and_never_overlap(stores):
    # Given
    caller = a_caller()
    names = ["b", "Ａ", "ä", "z-1", "Z-0", "ß", "_", "10", "9"]
    for name in names:
        stores.add(caller, name)
    # When
    seen, after = [], None
    while page := stores.catalog.page(caller.tenant, EVERYTHING, after, 2):
        seen += [one.name for one in page]
        after = Position(name_key(page[-1].name), page[-1].id)
    # Then
    assert seen == sorted(names, key=name_key)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (IntegrationFilter(type="github"), {"gh"}),
        (IntegrationFilter(category="registry"), {"Harbor 100%"}),
        (IntegrationFilter(tag="red"), {"gh"}),
        (IntegrationFilter(tag="re"), set()),
        (IntegrationFilter(name_contains=name_key("R 100%")), {"Harbor 100%"}),
        (IntegrationFilter(name_contains="%"), {"Harbor 100%"}),
        (IntegrationFilter(status=Status.UNKNOWN), {"gh", "Harbor 100%"}),
        (IntegrationFilter(status=Status.HEALTHY), set()),
        (IntegrationFilter(type="github", tag="blue"), set()),
        (IntegrationFilter(deleted=True), set()),
    ],
)
def test_filters(stores, wanted, found):
    caller = a_caller()
    stores.add(caller, "Harbor 100%")
    stores.add(caller, "gh", type="github", category="scm", tags=("red",))
    assert {one.name for one in stores.catalog.page(caller.tenant, wanted, None, 10)} == found


def test_a_status_is_believed_only_until_it_is_stale(stores):
    # Given two healthy ones, one of whose results is overdue
    caller, now = a_caller(), datetime.now(UTC)
    fresh, overdue = stores.add(caller, "fresh"), stores.add(caller, "overdue")
    for claim in stores.claim_of(caller):
        at = now - timedelta(hours=1) if claim.integration_id == overdue.id else now
        stores.sweep.record([recorded(claim, passed(), at)])
    # When
    healthy = stores.catalog.page(caller.tenant, IntegrationFilter(status=Status.HEALTHY), None, 10)
    unknown = stores.catalog.page(caller.tenant, IntegrationFilter(status=Status.UNKNOWN), None, 10)
    # Then
    assert (ids(healthy), ids(unknown)) == ([fresh.id], [overdue.id])
    counts = stores.catalog.summary(caller.tenant, now).counts
    assert counts == {("harbor", Status.HEALTHY): 1, ("harbor", Status.UNKNOWN): 1}


def test_by_type_notes_its_readers_and_nobody_else(stores):
    # Given
    caller = a_caller()
    one, other = stores.add(caller, "one"), stores.add(caller, "two", type="github")
    # When
    before = datetime.now(UTC) - timedelta(seconds=1)
    found = stores.catalog.by_type(caller.tenant, "harbor", None, 10, consumer="portal")
    stores.catalog.by_type(caller.tenant, "harbor", None, 10, consumer="scanner")
    stores.catalog.by_type(caller.tenant, "harbor", None, 10, consumer=None)
    # Then
    assert ids(found) == [one.id]
    assert {seen.consumer for seen in stores.catalog.dependents(caller.tenant, one.id)} == {"portal", "scanner"}
    assert stores.catalog.dependents(caller.tenant, other.id) == []
    assert stores.catalog.dependents(caller.tenant, NOBODY) is None
    with stores.catalog.write(caller) as unit:
        unit.lock(one.id)
        assert {seen.consumer for seen in unit.fresh_consumers(one.id, before)} == {"portal", "scanner"}
        assert not unit.fresh_consumers(one.id, datetime.now(UTC) + timedelta(minutes=1))


def test_a_reader_is_noted_once_an_hour(stores):
    caller = a_caller()
    one = stores.add(caller)
    stores.catalog.by_type(caller.tenant, "harbor", None, 10, consumer="portal")
    first = stores.catalog.dependents(caller.tenant, one.id)
    stores.catalog.by_type(caller.tenant, "harbor", None, 10, consumer="portal")
    assert stores.catalog.dependents(caller.tenant, one.id) == first
    assert isinstance(first[0], Dependent)


def test_the_summary_names_what_ends_soonest_first_and_the_chain_s_head(stores):
    # Given
    caller, now = a_caller(), datetime.now(UTC)
    made = {name: stores.add(caller, name) for name in ("later", "soon", "never", "far")}
    ends = {"later": 20, "soon": 3, "far": 90}
    for claim in stores.claim_of(caller):
        days = ends.get(claim.name)
        until = now + timedelta(days=days) if days else None
        stores.sweep.record([recorded(claim, passed(credential_ends_at=until))])
    # When
    summary = stores.catalog.summary(caller.tenant, now + timedelta(days=30))
    # Then
    assert [(one.id, one.name) for one in summary.ending] == [(made[n].id, n) for n in ("soon", "later")]
    assert summary.audit_seq == 4
    assert summary.audit_hash == stores.audit.page(caller.tenant, None, 3, 10)[0].hash
    assert summary.oldest_check_at >= now


def test_an_allowance_runs_out_and_says_when_it_refills(stores):
    caller, day = a_caller(), 24 * 3600
    left = [stores.catalog.spend(caller.tenant, "checks", 2, day) for _ in range(3)]
    assert [one[0] for one in left] == [1, 0, -1]
    assert all(0 <= one[1] <= day for one in left)
    assert stores.catalog.spend(caller.tenant, "other", 2, day)[0] == 1


# --- units of work ---


def test_leaving_a_unit_without_commit_changes_nothing(stores):
    # Given
    caller = a_caller()
    # When
    with stores.catalog.write(caller) as unit:
        assert unit.count() == 0
        unit.add(integration(caller.tenant))
        unit.record(AuditEntry(AuditAction.CREATED, None))
    # Then
    assert not stores.catalog.page(caller.tenant, EVERYTHING, None, 10)
    assert not stores.audit.page(caller.tenant, None, 0, 10)


def test_a_taken_name_fails_at_commit_and_leaves_no_trace(stores):
    # Given
    caller = a_caller()
    stores.add(caller, "Straße")
    # When
    with pytest.raises(NameTaken):
        stores.add(caller, "STRASSE")
    # Then
    assert len(stores.audit.page(caller.tenant, None, 0, 10)) == 1
    assert stores.add(a_caller(), "Straße")


def test_a_change_of_config_forgets_the_standing_and_the_lease(stores):
    # Given an unhealthy one, leased for its next check
    caller = a_caller()
    made = stores.add(caller)
    (claim,) = stores.claim_of(caller)
    stores.sweep.record([recorded(claim, failed(Reason.CREDENTIAL_REJECTED))])
    leased = stores.health.claim(caller.tenant, made.id, 60)
    # When
    with stores.catalog.write(caller) as unit:
        old = unit.lock(made.id)
        new = replace(old, config={"endpoint": "https://new.example"}, version=2, updated_at=datetime.now(UTC))
        unit.replace(new, recheck=True)
        unit.commit()
    # Then
    found = stores.catalog.get(caller.tenant, made.id)
    assert (old.status, found.status, found.reason) == (Status.UNHEALTHY, Status.UNKNOWN, None)
    assert (found.next_check_at, found.version, found.config) == (new.updated_at, 2, new.config)
    assert not stores.health.record(caller.tenant, recorded(leased, passed()))
    (again,) = stores.claim_of(caller)
    assert (again.standing.failures, again.standing.rests, again.standing.alert_open) == (0, 0, True)
    assert again.config == new.config


def test_pause_and_resume_move_the_schedule(stores):
    # Given
    caller, now = a_caller(), datetime.now(UTC)
    made = stores.add(caller)
    (claim,) = stores.claim_of(caller)
    stores.sweep.record([recorded(claim, passed(), now)])

    def changed(**changes):
        with stores.catalog.write(caller) as unit:
            unit.replace(replace(unit.lock(made.id), **changes), recheck=False)
            unit.commit()
        return stores.catalog.get(caller.tenant, made.id)

    # When / Then
    paused = changed(paused=True, updated_at=now + timedelta(seconds=1))
    assert (paused.next_check_at, paused.stale_at) == (None, now + timedelta(seconds=600))
    assert not stores.claim_of(caller)
    assert stores.health.claim(caller.tenant, made.id, 0) is not None
    resumed = changed(paused=False, updated_at=now + timedelta(seconds=2))
    assert resumed.next_check_at == now + timedelta(seconds=2)
    slower = changed(check_interval_seconds=3600, updated_at=now)
    assert slower.next_check_at > now
    assert slower.stale_at >= now + timedelta(seconds=7200)


def test_delete_and_restore(stores):
    # Given
    caller, at = a_caller(), datetime.now(UTC)
    made = stores.add(caller)
    # When
    with stores.catalog.write(caller) as unit:
        unit.lock(made.id)
        unit.delete(made.id, at)
        unit.commit()
    # Then
    assert stores.catalog.get(caller.tenant, made.id) is None
    assert not stores.claim_of(caller)
    assert ids(stores.catalog.page(caller.tenant, IntegrationFilter(deleted=True), None, 10)) == [made.id]
    assert stores.audit.page(caller.tenant, made.id, 0, 10)
    # When
    with stores.catalog.write(caller) as unit:
        assert unit.lock(made.id) is None
        assert unit.lock(made.id, deleted=True).deleted_at == at
        assert unit.count() == 0
        unit.restore(made.id, at)
        unit.commit()
    # Then
    found = stores.catalog.get(caller.tenant, made.id)
    assert (found.status, found.next_check_at, found.version) == (Status.UNKNOWN, at, 3)


def test_a_name_taken_since_cannot_be_restored(stores):
    caller = a_caller()
    made = stores.add(caller)
    with stores.catalog.write(caller) as unit:
        unit.lock(made.id)
        unit.delete(made.id, datetime.now(UTC))
        unit.commit()
    stores.add(caller)
    # When
    with stores.catalog.write(caller) as unit:
        unit.lock(made.id, deleted=True)
        unit.restore(made.id, datetime.now(UTC))
        with pytest.raises(NameTaken):
            unit.commit()
    # Then
    assert ids(stores.catalog.page(caller.tenant, IntegrationFilter(deleted=True), None, 10)) == [made.id]


def test_a_repeated_key_gets_the_first_answer_and_another_body_is_refused(stores):
    # Given
    caller, key = a_caller(), IdempotencyKey("k-1", "POST /", b"\x01" * 32)
    answer = {"id": "one", "name": "Größe", "n": [1, None]}
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(key) is None
        unit.finish_idempotent(key, answer)
        unit.commit()
    # Then
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(key) == answer
    with stores.catalog.write(caller) as unit, pytest.raises(Invalid):
        unit.begin_idempotent(replace(key, body_sha256=b"\x02" * 32))
    for another in (a_caller(), replace(caller, subject="bob")):
        with stores.catalog.write(another) as unit:
            assert unit.begin_idempotent(key) is None
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(replace(key, route="POST /other")) is None


def test_a_failed_request_keeps_no_key(stores):
    caller, key = a_caller(), IdempotencyKey("k-1", "POST /", b"\x01" * 32)
    stores.add(caller, "taken")
    with stores.catalog.write(caller) as unit:
        unit.begin_idempotent(key)
        unit.add(integration(caller.tenant, "taken"))
        unit.finish_idempotent(key, {})
        with pytest.raises(NameTaken):
            unit.commit()
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(key) is None


# --- health ---


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
        stores.health.record(caller.tenant, replace(written, in_maintenance=minute == 5))
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
        stores.health.record(caller.tenant, replace(recorded(claim, result, at), **changes))
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
            far = [replace(one, standing=replace(one.standing, next_check_at=tomorrow)) for one in results]
            written += len(stores.sweep.record(far))
        return written

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(4))) == count


# --- outbox ---


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


OWN = AlertRoute("own", "webhook", "https://hooks.example/a", "authref://vault/hook")
CHANGED = AuditEntry(AuditAction.SETTINGS_UPDATED, None, {})


def mine(stores, caller, avoid=()):
    return [item for item in stores.outbox.claim(1000, 60, avoid) if item.tenant_id == caller.tenant]


# --- one alert for a cause ---


def told(stores, caller):
    """Return what is told of a tenant's integrations, and have it delivered."""
    found = []
    while items := mine(stores, caller):
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
    claimed = mine(stores, caller)
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
    by_destination = {item.destination: item for item in mine(stores, caller)}
    # When one rests and one arrived
    own = f"{caller.tenant}/own"
    stores.outbox.retry(by_destination[own].lease, datetime.now(UTC) + timedelta(hours=1), "away")
    stores.outbox.delivered([by_destination["log"].lease])
    # Then the one that arrived goes on
    (second,) = mine(stores, caller)
    assert (second.destination, second.event.data) == ("log", {"n": 2})
    stores.outbox.delivered([second.lease])
    assert not mine(stores, caller)


def test_a_destination_to_avoid_is_not_claimed(stores):
    caller = a_caller()
    stores.tenants.replace(caller, TenantSettings(alert_routes=(OWN,)), None, CHANGED)
    stores.emit(caller, Event(EventType.UPDATED, stores.add(caller).id))
    assert [item.destination for item in mine(stores, caller, {f"{caller.tenant}/own"})] == ["log"]
    assert [item.destination for item in mine(stores, caller)] == [f"{caller.tenant}/own"]


def test_a_route_that_is_changed_while_an_event_rests_leads_to_its_new_address(stores):
    caller = a_caller()
    stores.tenants.replace(caller, TenantSettings(alert_routes=(OWN,)), None, CHANGED)
    stores.emit(caller, Event(EventType.UPDATED, stores.add(caller).id))
    for item in mine(stores, caller):
        stores.outbox.retry(item.lease, datetime.now(UTC) - timedelta(seconds=1), "away")
    elsewhere = replace(OWN, url="https://hooks.example/b")
    stores.tenants.replace(caller, TenantSettings(alert_routes=(elsewhere,)), None, CHANGED)
    again = [item for item in mine(stores, caller) if item.destination != "log"]
    assert [item.url for item in again] == ["https://hooks.example/b"]
    stores.outbox.retry(again[0].lease, datetime.now(UTC) - timedelta(seconds=1), "away")
    stores.tenants.replace(caller, TenantSettings(), None, CHANGED)
    assert [item.url for item in mine(stores, caller) if item.destination != "log"] == [None]


def test_an_event_remembers_the_trace_it_came_of(stores):
    caller, traceparent = a_caller(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    one = stores.add(caller)
    with within(traceparent):
        stores.emit(caller, Event(EventType.UPDATED, one.id, {"n": 1}))
    stores.emit(caller, Event(EventType.UPDATED, one.id, {"n": 2}))
    (first,) = mine(stores, caller)
    stores.outbox.delivered([first.lease])
    (second,) = mine(stores, caller)
    assert (first.event.traceparent, second.event.traceparent) == (traceparent, "")


def test_what_was_given_up_is_listed_and_can_be_sent_again(stores):
    # Given
    caller, stranger = a_caller(), a_caller()
    one = stores.add(caller)
    event = Event(EventType.UPDATED, one.id)
    stores.emit(caller, event)
    stores.emit(stranger, Event(EventType.UPDATED, stores.add(stranger).id))
    (item,) = mine(stores, caller)
    stores.outbox.give_up(item.lease, "gone")
    # Then
    letters = [one for one in stores.dead_letters.dead_letters(None, 1000) if one.tenant_id == caller.tenant]
    (letter,) = letters
    assert (letter.event_id, letter.integration_id, letter.type) == (event.id, one.id, EventType.UPDATED)
    assert (letter.destination, letter.attempts, letter.error) == ("log", 1, "gone")
    assert letter not in stores.dead_letters.dead_letters((letter.dead_at, letter.id), 1000)
    assert not mine(stores, caller)
    # When
    assert stores.dead_letters.replay([letter.id], None) == 1
    # Then
    (again,) = mine(stores, caller)
    assert (again.event.id, again.attempts) == (event.id, 0)
    stores.outbox.give_up(again.lease, "gone")
    assert stores.dead_letters.replay([letter.event_id], None) == 0
    assert stores.dead_letters.replay([], "log") >= 1
    assert [item.event.id for item in mine(stores, caller)] == [event.id]


# --- tenants ---


def test_settings_are_what_was_written_and_of_one_tenant(stores):
    caller, now = a_caller(), datetime.now(UTC)
    assert stores.tenants.get(caller.tenant) == TenantSettings()
    route = AlertRoute("r", "sns", None, None, ("integration.created",), ("alert",), ("harbor",), ("red",))
    wanted = TenantSettings(require_test_receipt=True, alert_routes=(OWN, route), updated_at=now)
    written = stores.tenants.replace(caller, wanted, None, CHANGED)
    assert written == replace(wanted, version=1) == stores.tenants.get(caller.tenant)
    assert stores.tenants.get(a_caller().tenant) == TenantSettings()
    assert [one.action for one in stores.audit.page(caller.tenant, None, 0, 10)] == ["settings.updated"]


def test_settings_of_another_version_are_not_replaced(stores):
    caller = a_caller()
    assert stores.tenants.replace(caller, TenantSettings(require_test_receipt=True), 0, CHANGED).version == 1
    for stale in (0, 2):
        with pytest.raises(PreconditionFailed, match="now 1"):
            stores.tenants.replace(caller, TenantSettings(), stale, CHANGED)
    assert stores.tenants.get(caller.tenant).require_test_receipt
    assert len(stores.audit.page(caller.tenant, None, 0, 10)) == 1


def test_a_unit_knows_whether_a_receipt_is_required(stores):
    caller = a_caller()
    with stores.catalog.write(caller) as unit:
        assert not unit.requires_receipt()
    stores.tenants.replace(caller, TenantSettings(require_test_receipt=True), None, CHANGED)
    with stores.catalog.write(caller) as unit:
        unit.begin_idempotent(IdempotencyKey("key", "POST /", b"\x01" * 32))
        assert unit.requires_receipt()
    with stores.catalog.write(a_caller()) as unit:
        assert not unit.requires_receipt()


# --- audit ---


def test_the_trail_pages_by_sequence_and_by_integration(stores):
    # Given
    caller = a_caller('quote " and \u2028 and \U0001f600')
    one, other = stores.add(caller, "one"), stores.add(caller, "other")
    stores.audit.append(caller, AuditEntry(AuditAction.TESTED, None, {"target": "x"}))
    # When
    everything = stores.audit.page(caller.tenant, None, 0, 10)
    # Then
    assert [record.seq for record in everything] == [1, 2, 3]
    assert [record.action for record in everything] == ["integration.created"] * 2 + ["integration.tested"]
    assert everything[0].actor == caller.subject
    assert everything[0].prev_hash == "00" * 32
    assert [record.prev_hash for record in everything[1:]] == [record.hash for record in everything[:2]]
    assert stores.audit.page(caller.tenant, None, 1, 1) == [everything[1]]
    assert stores.audit.page(caller.tenant, other.id, 0, 10) == [everything[1]]
    assert stores.audit.page(caller.tenant, one.id, 1, 10) == []
    assert stores.audit.page(caller.tenant, NOBODY, 0, 10) is None


# --- plugins ---


def test_discovery_reports_exactly_what_changed(stores):
    # Given
    one = PluginRecord(
        plugin_id="one", path="/p", type="harbor", category="registry", version="1", capabilities=("discover",),
        config_schema={"type": "object"}, trust=Trust.BUILT_IN, sha256="ab",
    )  # fmt: skip
    bad = PluginRecord(plugin_id="bad", path="/q", state=PluginState.REJECTED, rejected_reason="no class")
    # When / Then
    first = stores.plugins.sync([one, bad])
    assert (list(first.added), dict(first.rejected)) == (["one"], {"bad": "no class"})
    again = stores.plugins.sync([one, bad])
    assert (list(again.added), list(again.changed), list(again.removed)) == ([], [], [])
    assert list(stores.plugins.active()) == [one]
    newer = replace(one, version="2")
    assert list(stores.plugins.sync([newer, bad]).changed) == ["one"]
    assert list(stores.plugins.active()) == [newer]
    gone = stores.plugins.sync([])
    assert list(gone.removed) == ["bad", "one"]
    assert not stores.plugins.active()
    # one of the same name in another folder takes nothing away
    shadow = replace(bad, plugin_id="one", path="/shadow")
    assert dict(stores.plugins.sync([newer, shadow]).rejected) == {"one": "no class"}
    assert list(stores.plugins.active()) == [newer]
    stores.plugins.sync([])


# --- webhooks ---


def set_up(stores: Stores, caller, one, ref: str) -> None:
    stores.webhooks.begin(caller, one.id, ref)
    stores.webhooks.put_in_force(
        caller, one.id, ref, AuditEntry(AuditAction.WEBHOOK_SET_UP, one.id, {"secretRef": ref})
    )


def refs(stores: Stores, one) -> list[str]:
    target = stores.webhooks.target(one.id)
    return list(target.secret_refs) if target else []


def test_a_webhook_s_secret_counts_while_it_is_set_up_and_not_when_that_fails(stores):
    caller = a_caller()
    one = stores.add(caller)
    assert stores.webhooks.target(one.id) is None
    stores.webhooks.begin(caller, one.id, "authref://vault/a")
    assert refs(stores, one) == ["authref://vault/a"]
    stores.webhooks.abandon(caller, one.id, "authref://vault/a")
    assert stores.webhooks.target(one.id) is None


def test_a_secret_in_force_is_audited_and_counts_beside_the_one_that_replaces_it(stores):
    caller = a_caller()
    one = stores.add(caller)
    set_up(stores, caller, one, "authref://vault/a")
    set_up(stores, caller, one, "authref://vault/a")
    assert refs(stores, one) == ["authref://vault/a"]
    set_up(stores, caller, one, "authref://vault/b")
    assert refs(stores, one) == ["authref://vault/b", "authref://vault/a"]
    stores.webhooks.begin(caller, one.id, "authref://vault/c")
    stores.webhooks.abandon(caller, one.id, "authref://vault/c")
    assert refs(stores, one) == ["authref://vault/b", "authref://vault/a"]
    actions = [record.action for record in stores.audit.page(caller.tenant, one.id, 0, 100)]
    assert actions == ["integration.created", *["webhook.set_up"] * 3]


def test_a_target_says_whose_it_is_and_how_its_connector_reads_it(stores):
    caller = a_caller()
    one = stores.add(caller)
    set_up(stores, caller, one, "authref://vault/a")
    target = stores.webhooks.target(one.id)
    assert (target.tenant_id, target.type, target.config) == (caller.tenant, one.type, one.config)
    assert stores.webhooks.target(NOBODY) is None


def test_another_tenant_sets_up_nothing(stores):
    one, other = stores.add(a_caller()), a_caller("mallory")
    stores.webhooks.begin(other, one.id, "authref://vault/mine")
    assert stores.webhooks.target(one.id) is None


def test_a_deleted_integration_is_no_target(stores):
    caller = a_caller()
    one = stores.add(caller)
    set_up(stores, caller, one, "authref://vault/a")
    with stores.catalog.write(caller) as unit:
        unit.lock(one.id)
        unit.delete(one.id, datetime.now(UTC))
        unit.commit()
    assert stores.webhooks.target(one.id) is None


def test_a_delivery_is_accepted_once_and_told_once(stores):
    caller = a_caller()
    one = stores.add(caller)
    first = Accepted.of(one.id, [b"a" * 32, b"b" * 32], "push", "group/project")
    again = [
        Accepted.of(one.id, identities, "push", "group/project")
        for identities in ([b"a" * 32, b"b" * 32], [b"a" * 32, b"c" * 32], [b"b" * 32, b"d" * 32], [b"a" * 32])
    ]
    other = Accepted.of(one.id, [b"e" * 32], "push", None)
    accepted = [stores.webhooks.accept(caller.tenant, accepted) for accepted in (first, *again, other)]
    assert accepted == [True, False, False, False, False, True]
    assert stores.webhooks.accept(a_caller().tenant, Accepted.of(one.id, [b"f" * 32], "push", None)) is False
    told = []
    while items := [item for item in stores.outbox.claim(1000, 60) if item.tenant_id == caller.tenant]:
        told += [item.event for item in items]
        stores.outbox.delivered([item.lease for item in items])
    assert [event.id for event in told] == [first.event.id, other.event.id]
    assert told[0].type is EventType.EVENT_RECEIVED
    assert told[0].data == {"kind": "push", "resource": "group/project"}


# --- incidents, and secrets to look at ---


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
    stores.health.record(caller.tenant, replace(result, standing=replace(result.standing, **far)))
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
