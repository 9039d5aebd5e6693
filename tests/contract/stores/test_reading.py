"""The catalogue as it is read, the same from every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from integrations_hub.catalog.model import (
    Dependent,
    IntegrationFilter,
    MaintenanceWindow,
    Position,
    name_key,
)
from integrations_hub.health.status import Status
from tests.support.catalogue import a_caller, ids, passed, recorded

EVERYTHING = IntegrationFilter()
NOBODY = uuid4()


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
