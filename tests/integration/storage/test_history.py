"""Checks rolled up by the hour and added up again are what the checks themselves add up to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations_hub.connector.reasons import Reason
from integrations_hub.health.model import HealthWindow, HistoryEntry, OverviewQuery
from integrations_hub.health.status import Status
from integrations_hub.storage import statements
from integrations_hub.storage.maintenance import PostgresMaintenance
from integrations_hub.storage.memory.windows import window_of
from tests.support.catalogue import Stores, a_caller, postgres_stores
from tests.support.databases import Database

SPAN_H = 36  # begins before the first check: an hour that ends meanwhile moves nothing out
HOURS_BACK = 20
INSERT = """
    INSERT INTO hub.health_checks (integration_id, checked_at, tenant_id, claimed_at, status, reason, latency_ms,
        in_maintenance) VALUES (%s, %s, %s, %s, %s, 'ok', %s, %s)"""
ROLL_UP = "SELECT hours, more FROM hub.roll_up_checks(%s)"
A_CHECK = st.tuples(
    st.integers(0, HOURS_BACK * 60),  # minutes ago
    st.sampled_from(Status),
    st.floats(0.2, 20_000),
    st.sampled_from((False, False, False, True)),
)
HISTORIES = st.lists(A_CHECK, max_size=80, unique_by=lambda one: one[0])


@dataclass
class World:
    """One database, and a new integration for each history."""

    database: Database
    stores: Stores
    made: list[tuple[UUID, str]] = field(default_factory=list)

    def integration(self) -> tuple[UUID, str]:
        caller = a_caller()
        return self.stores.add(caller).id, caller.tenant

    def write(self, one: tuple[UUID, str], checks: list[tuple[datetime, Status, float, bool]]) -> None:
        with self.database.connect("postgres") as admin:
            for at, status, latency_ms, in_maintenance in checks:
                admin.execute(INSERT, [one[0], at, one[1], at, status, latency_ms, in_maintenance])

    def begin_again(self, hours_ago: int = HOURS_BACK + 2) -> None:
        begins = this_hour() - timedelta(hours=hours_ago)
        with self.database.connect("postgres") as admin:
            admin.execute("UPDATE hub.roll_up SET hour = %s, after = '00000000-0000-0000-0000-000000000000'", [begins])

    def roll_up(self, steps: int, at_once: int = 1000) -> None:
        with self.database.connect("hub_maintenance") as keeper:
            for _ in range(steps):
                keeper.execute(ROLL_UP, [at_once])

    def hours(self, one: tuple[UUID, str]) -> list[tuple]:
        with self.database.connect("postgres") as admin:
            query = "SELECT * FROM hub.health_hours WHERE integration_id = %s ORDER BY hour"
            return admin.execute(query, [one[0]]).fetchall()

    def window(self, one: tuple[UUID, str]) -> HealthWindow:
        found = self.stores.health.overview(one[1], one[0], OverviewQuery([SPAN_H], 1, 1))
        assert found
        return found.windows[0]


@pytest.fixture(scope="module")
def world(database) -> World:
    return World(database, postgres_stores(database))


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def entry(check: tuple[datetime, Status, float, bool]) -> HistoryEntry:
    at, status, latency_ms, _ = check
    return HistoryEntry(
        checked_at=at, status=status, reason=Reason.OK, latency_ms=latency_ms, error_message=None, steps=None
    )


def raw(checks: list[tuple[datetime, Status, float, bool]]) -> HealthWindow:
    return window_of(SPAN_H, [entry(check) for check in checks if not check[3]])


def same(found: HealthWindow, expected: HealthWindow) -> bool:
    return asdict(found) == {
        name: None if value is None else pytest.approx(value, rel=1e-9) for name, value in asdict(expected).items()
    }


def every(minutes: int, hours: int = HOURS_BACK) -> list[tuple[datetime, Status, float, bool]]:
    begins = this_hour() - timedelta(hours=hours)
    times = range(0, hours * 60, minutes)
    return [(begins + timedelta(minutes=m), Status.HEALTHY, 10.0 + m % 7, False) for m in times]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES, st.integers(0, HOURS_BACK + 3))
def test_however_far_it_is_rolled_up_the_sum_is_that_of_the_checks(world, history, steps):
    # Given
    now, one = datetime.now(UTC), world.integration()
    checks = [(now - timedelta(minutes=minutes), *rest) for minutes, *rest in history]
    world.write(one, checks)
    world.begin_again()
    # When / Then
    for more in (0, steps, HOURS_BACK + 3 - steps, 1):
        world.roll_up(more)
        assert same(world.window(one), raw(checks))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(0.1, 30_000), min_size=1, max_size=60))
def test_a_percentile_is_within_two_per_cent_of_a_check_s_own_latency(world, latencies):
    # Given
    one, begins = world.integration(), this_hour() - timedelta(hours=3)
    times = [begins + timedelta(minutes=2 * nth) for nth in range(len(latencies))]
    world.write(one, [(at, Status.HEALTHY, ms, False) for at, ms in zip(times, latencies, strict=True)])
    world.begin_again(4)
    # When
    world.roll_up(5)
    # Then
    found, ordered = world.window(one), sorted(latencies)
    for quantile, estimate in ((0.5, found.latency_p50_ms), (0.95, found.latency_p95_ms)):
        exact = ordered[int(quantile * (len(ordered) - 1))]
        assert abs(estimate - exact) <= 0.02 * exact * (1 + 1e-9)


def test_an_outage_is_one_however_many_hours_it_lasts(world):
    # Given an outage from the middle of an hour, through three, to the middle of another
    one, checks = world.integration(), every(10)
    begins, ends = checks[15][0], checks[45][0]
    checks = [(at, Status.UNHEALTHY if begins <= at < ends else status, ms, m) for at, status, ms, m in checks]
    world.write(one, checks)
    world.begin_again()
    # When
    world.roll_up(HOURS_BACK + 3)
    # Then
    found = world.window(one)
    assert (found.mttr_seconds, found.transitions) == (300 * 60, 2)
    assert len(world.hours(one)) >= HOURS_BACK - 1


def test_what_arrives_late_is_rolled_up_after_all(world):
    # Given
    one, checks = world.integration(), every(10)
    world.write(one, checks[::2])
    world.begin_again()
    world.roll_up(HOURS_BACK + 3)
    # When
    world.write(one, checks[1::2])
    world.roll_up(1)
    # Then
    assert same(world.window(one), raw(checks))
    with world.database.connect("postgres") as admin:
        query = "SELECT count(*) FROM hub.late_checks WHERE integration_id = %s AND checked_at < (SELECT hour FROM hub.roll_up)"
        assert admin.execute(query, [one[0]]).fetchone() == (0,)


def test_twice_at_once_and_in_small_pieces_makes_the_same_rows(world):
    # Given
    ones = [world.integration() for _ in range(5)]
    for one in ones:
        world.write(one, every(20))
    world.begin_again()
    world.roll_up(HOURS_BACK + 3)
    rows = [world.hours(one) for one in ones]
    # When three at once begin again, two integrations at a time, until each finds nothing to do
    world.begin_again()

    def keep() -> None:
        PostgresMaintenance(world.database.connections("hub_maintenance", 1)).roll_up()

    threads = [Thread(target=keep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.roll_up(40, at_once=2)
    # Then
    assert [world.hours(one) for one in ones] == rows


def test_after_an_absence_one_run_catches_up(world):
    one, checks = world.integration(), every(30)
    world.write(one, checks)
    world.begin_again()
    store = PostgresMaintenance(world.database.connections("hub_maintenance"))
    assert store.roll_up() >= HOURS_BACK - 1
    assert store.roll_up() == 0
    assert same(world.window(one), raw(checks))


def test_reading_costs_the_same_whatever_the_interval(world):
    # Given one checked every ten minutes and one checked every minute, rolled up
    seldom, often = world.integration(), world.integration()
    world.write(seldom, every(10))
    world.write(often, every(1))
    world.begin_again()
    world.roll_up(HOURS_BACK + 3)
    # When
    hours, checks = zip(*(rows_read(world, one) for one in (seldom, often)), strict=True)
    # Then the hours are read, and only the checks since the last of them: of at most two hours and five minutes
    assert hours[0] == hours[1] >= HOURS_BACK - 1
    assert checks[0] <= 125 / 10 + 1
    assert checks[1] <= 125


def rows_read(world: World, one: tuple[UUID, str]) -> tuple[int, int]:
    """Return how many rows of hours and of checks WINDOWS reads, those it discards included."""
    with world.database.connect("hub_api") as api:
        api.execute("SELECT set_config('app.tenant_id', %s, false)", [one[1]])
        parameters = {"tenant": one[1], "id": one[0], "hours": [24, 168, 720]}
        ((plan,),) = api.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statements.WINDOWS, parameters).fetchall()
    return read_of(plan[0]["Plan"], "health_hours_"), read_of(plan[0]["Plan"], "health_checks_")


def read_of(node: dict[str, Any], table: str) -> int:
    own = 0
    if node.get("Relation Name", "").startswith(table):
        rows = (
            node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        )
        own = round(rows * node["Actual Loops"])
    return own + sum(read_of(child, table) for child in node.get("Plans", ()))
