"""One behaviour, every store: in memory, on PostgreSQL 18 and on PostgreSQL 15."""

from __future__ import annotations

from collections.abc import Iterator
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
from integrations_hub.connector.reasons import Reason
from integrations_hub.errors import Invalid, NameTaken
from integrations_hub.events.model import Event, EventType, Severity
from integrations_hub.health.status import Status
from integrations_hub.storage.memory import (
    Memory,
    MemoryAudit,
    MemoryCatalog,
    MemoryHealth,
    MemoryOutbox,
    MemoryPlugins,
    MemorySweep,
)
from tests.support.catalogue import Stores, a_caller, failed, ids, integration, passed, postgres_stores, recorded

EVERYTHING = IntegrationFilter()
NOBODY = uuid4()


@pytest.fixture(scope="module", params=["memory", "postgres_18", "postgres_15"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        memory = Memory(lambda: datetime.now(UTC))
        yield Stores(
            MemoryCatalog(memory),
            MemoryHealth(memory),
            MemorySweep(memory),
            MemoryAudit(memory),
            MemoryOutbox(memory),
            MemoryPlugins(memory),
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
    assert not stores.health.history(other.tenant, made.id, None, 10)
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
    assert [(one[0], one[1]) for one in summary.ending] == [(made[n].id, n) for n in ("soon", "later")]
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
    assert len(stores.health.history(caller.tenant, made.id, None, 10)) == 1


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
    written = recorded(claim, failed(Reason.TIMEOUT, "NUL \x00 and \ud800 alone"), at)
    # When
    assert list(stores.sweep.record([written])) == [made.id]
    # Then
    latest = stores.health.latest(caller.tenant, made.id)
    assert latest.standing == written.standing
    assert (latest.check_status, latest.check_reason, latest.latency_ms) == (Status.UNHEALTHY, Reason.TIMEOUT, 9.0)
    assert (latest.status_changed_at, latest.leased_until) == (at, None)
    assert latest.steps[0]["durationMs"] == 1.0
    (entry,) = stores.health.history(caller.tenant, made.id, None, 10)
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
    newest, middle, oldest = stores.health.history(caller.tenant, made.id, None, 10)
    assert [one.steps is None for one in (newest, middle, oldest)] == [True, True, False]
    assert stores.health.latest(caller.tenant, made.id).status_changed_at == at
    assert stores.health.latest(caller.tenant, made.id).standing.checks == 3
    assert list(stores.health.history(caller.tenant, made.id, middle.checked_at, 10)) == [oldest]
    assert list(stores.health.history(caller.tenant, made.id, None, 1)) == [newest]


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
    day, month = stores.health.windows(caller.tenant, made.id, [24, 720])
    # Then
    assert (day.hours, day.checks, day.uptime_percent, day.transitions) == (24, 5, 50.0, 2)
    assert (day.latency_p50_ms, day.mttr_seconds) == (9.5, 180.0)
    assert day.latency_p95_ms == pytest.approx(27.0)
    assert replace(month, hours=24) == day
    (empty,) = stores.health.windows(caller.tenant, NOBODY, [24])
    assert (empty.checks, empty.uptime_percent, empty.mttr_seconds, empty.transitions) == (0, None, None, 0)


def test_the_sweep_looks_ahead_when_asked(stores):
    caller = a_caller()
    stores.add(caller, next_check_at=datetime.now(UTC) + timedelta(seconds=30))
    assert not stores.claim_of(caller)
    assert [one for one in stores.sweep.claim_due(1000, 60, 60) if one.tenant_id == caller.tenant]


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
