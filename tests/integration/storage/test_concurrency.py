"""What must hold when many do it at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import IdempotencyKey, IntegrationFilter
from integrations_hub.errors import IdempotencyInProgress, NameTaken
from integrations_hub.events.model import Event, EventType
from integrations_hub.storage.catalog import PostgresCatalog
from integrations_hub.storage.sweep import PostgresSweep
from tests.support.catalogue import a_caller, ids, integration, passed, postgres_stores, recorded

EVERYTHING = IntegrationFilter()


def test_eight_threads_of_two_tenants_never_mix(database):
    # Given a pool smaller than its users
    stores = postgres_stores(database, 3)
    callers = [a_caller(), a_caller()]
    mine = {caller.tenant: {stores.add(caller, f"{n}").id for n in range(5)} for caller in callers}

    # When
    def ask(turn: int) -> bool:
        tenant = callers[turn % 2].tenant
        page = stores.catalog.page(tenant, EVERYTHING, None, 50)
        return {one.tenant_id for one in page} == {tenant} and set(ids(page)) == mine[tenant]

    with ThreadPoolExecutor(8) as pool:
        right = list(pool.map(ask, range(400)))
    # Then
    assert right == [True] * 400


def test_two_claimers_never_claim_the_same(database):
    # Given
    caller = a_caller()
    stores = postgres_stores(database)
    made = {stores.add(caller, f"{n}", target=f"host-{n % 7}:443").id for n in range(200)}
    start = threading.Barrier(4)
    sweeps = [PostgresSweep(database.connections("hub_worker"), per_target=10_000, per_tenant=10_000) for _ in range(4)]

    # When each claims until it has twice found nothing
    def claims(sweep: PostgresSweep) -> list:
        start.wait()
        found, empty = [], 0
        while empty < 2:
            batch = [one.integration_id for one in sweep.claim_due(20, 60) if one.tenant_id == caller.tenant]
            found += batch
            empty = 0 if batch else empty + 1
        return found

    with ThreadPoolExecutor(4) as pool:
        claimed = [one for batch in pool.map(claims, sweeps) for one in batch]
    # Then
    assert len(claimed) == len(set(claimed))
    assert set(claimed) | {one.integration_id for one in stores.claim_of(caller)} == made


def test_fifty_duplicates_make_one_row_and_get_fifty_equal_answers(database):
    # Given
    catalog, caller = PostgresCatalog(database.connections("hub_api", 50)), a_caller()
    key, start = IdempotencyKey("same", "POST /", b"\x01" * 32), threading.Barrier(50)

    # When
    def create(_: int) -> object:
        start.wait()
        with catalog.write(caller) as unit:
            stored = unit.begin_idempotent(key)
            if stored is not None:
                return stored
            made = integration(caller.tenant)
            answer = {"id": str(made.id)}
            unit.add(made)
            unit.finish_idempotent(key, answer)
            unit.emit(Event(EventType.CREATED, made.id))
            unit.record(AuditEntry(AuditAction.CREATED, made.id))
            unit.commit()
            return answer

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(create, range(50)))
    # Then
    (one,) = catalog.page(caller.tenant, EVERYTHING, None, 10)
    assert answers == [{"id": str(one.id)}] * 50


def test_a_key_held_for_too_long_is_in_progress(database):
    # Given
    catalog, caller = PostgresCatalog(database.connections("hub_api", 2)), a_caller()
    key = IdempotencyKey("held", "POST /", b"\x01" * 32)
    with catalog.write(caller) as holder:
        assert holder.begin_idempotent(key) is None
        # PostgreSQL ends a transaction idle for 5 s, the very time a second one waits: keep it busy
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(_begin, catalog, caller, key)
            while not second.done():
                holder.lock(integration(caller.tenant).id)
            # Then
            with pytest.raises(IdempotencyInProgress) as refused:
                second.result()
    assert refused.value.extras.headers["Retry-After"] == "1"


def _begin(catalog, caller, key) -> None:
    with catalog.write(caller) as unit:
        unit.begin_idempotent(key)


def test_of_two_with_one_name_exactly_one_is_stored(database):
    # Given
    catalog, caller, start = PostgresCatalog(database.connections("hub_api", 8)), a_caller(), threading.Barrier(8)

    # When
    def create(_: int) -> bool:
        start.wait()
        try:
            with catalog.write(caller) as unit:
                unit.add(integration(caller.tenant, "same"))
                unit.record(AuditEntry(AuditAction.CREATED, None))
                unit.commit()
        except NameTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(create, range(8)))
    # Then
    assert sum(stored) == 1
    assert len(catalog.page(caller.tenant, EVERYTHING, None, 10)) == 1


def test_writers_and_the_sweep_work_on_the_same_rows_without_deadlock(database):
    # Given
    stores, caller = postgres_stores(database, 8), a_caller()
    made = [stores.add(caller, f"{n}") for n in range(8)]

    # When results and changes of the same integrations come from both sides
    def change(turn: int) -> None:
        with stores.catalog.write(caller) as unit:
            old = unit.lock(made[turn % 8].id)
            unit.replace(replace(old, version=old.version + 1, updated_at=datetime.now(UTC)), recheck=turn % 2 == 0)
            unit.emit(Event(EventType.UPDATED, old.id))
            unit.record(AuditEntry(AuditAction.UPDATED, old.id))
            unit.commit()

    def sweep(_: int) -> None:
        claims = [stores.health.claim(caller.tenant, one.id, 60) for one in made]
        stores.sweep.record([recorded(claim, passed()) for claim in claims if claim])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: change(n) if n % 2 else sweep(n), range(160)))
    # Then nothing was refused, every event has its number, and every change its link
    records = stores.audit.page(caller.tenant, None, 0, 1000)
    assert len(records) == 8 + 80
    sequences: dict = {}
    while items := [one for one in stores.outbox.claim(1000, 60) if one.tenant_id == caller.tenant]:
        for item in items:
            sequences.setdefault(item.event.integration_id, []).append(item.sequence)
        stores.outbox.delivered([item.lease for item in items])
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())


def test_a_claim_that_waited_for_a_change_is_of_what_was_changed(database):
    # Given a change of config that is about to be committed
    stores, caller = postgres_stores(database), a_caller()
    made = stores.add(caller)
    with ThreadPoolExecutor(1) as pool, stores.catalog.write(caller) as unit:
        old = unit.lock(made.id)
        unit.replace(replace(old, version=2, config={"endpoint": "https://new.example"}), recheck=True)
        # When a check on demand waits for it
        waiting = pool.submit(stores.health.claim, caller.tenant, made.id, 60)
        while not waits_for_a_lock(database) and not waiting.done():
            pass
        unit.commit()
        claim = waiting.result()
    # Then
    assert claim is not None
    assert claim.config == {"endpoint": "https://new.example"}


def test_a_check_under_way_is_dropped_by_a_change_of_its_plan_and_by_no_other(database):
    stores, caller = postgres_stores(database), a_caller()
    for changes, written in (({"paused": True}, 0), ({"failure_threshold": 5}, 0), ({"tags": ("green",)}, 1)):
        # Given
        made = stores.add(caller, f"{changes}")
        claim = stores.health.claim(caller.tenant, made.id, 60)
        # When
        with stores.catalog.write(caller) as unit:
            unit.replace(replace(unit.lock(made.id), version=2, **changes), recheck=False)
            unit.commit()
        # Then
        assert len(stores.sweep.record([recorded(claim, passed())])) == written


def waits_for_a_lock(database) -> bool:
    with database.connect("postgres") as connection:
        return bool(connection.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall())
