"""A read is one round trip and a write is two, counted on the wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import IdempotencyKey, IntegrationFilter
from integrations_hub.events.model import Event, EventType
from integrations_hub.health.reading import HealthReader
from integrations_hub.health.views import HistoryQuery
from integrations_hub.storage.audit import PostgresAudit
from integrations_hub.storage.catalog import PostgresCatalog
from integrations_hub.storage.connections import Connections
from integrations_hub.storage.health import PostgresHealth
from integrations_hub.storage.outbox import PostgresOutbox
from integrations_hub.storage.sweep import PostgresSweep
from tests.support.catalogue import a_caller, integration, passed, recorded
from tests.support.counting_proxy import counting


@pytest.fixture
def proxy(database):
    with counting(database.dsn("hub_api")) as made:
        yield made


@pytest.fixture
def api(proxy):
    made = Connections(proxy.dsn, size=1)
    made.ready()
    proxy.count()
    yield made
    made.close()


def test_every_read_is_one_round_trip(api, proxy):
    # Given
    catalog, health, audit, caller = PostgresCatalog(api), PostgresHealth(api), PostgresAudit(api), a_caller()
    made = integration(caller.tenant)
    with catalog.write(caller) as unit:
        unit.add(made)
        unit.commit()
    proxy.count()
    # When
    reads = [
        lambda: catalog.get(caller.tenant, made.id),
        lambda: catalog.page(caller.tenant, IntegrationFilter(), None, 500),
        lambda: catalog.dependents(caller.tenant, made.id),
        lambda: catalog.summary(caller.tenant, datetime.now(UTC)),
        lambda: catalog.spend(caller.tenant, "checks", 60, 60),
        lambda: catalog.by_type(caller.tenant, "harbor", None, 10, consumer=None),
        lambda: health.latest(caller.tenant, made.id),
        lambda: HealthReader(health, lambda: datetime.now(UTC)).get_integration_health(caller, made.id, HistoryQuery()),
        lambda: audit.page(caller.tenant, made.id, 0, 10),
        api.ready,
    ]
    trips = []
    for read in reads:
        assert read() is not None
        trips.append(proxy.count())
    # Then
    assert trips == [1] * len(reads)


def test_a_reader_costs_one_more_once_an_hour(api, proxy):
    catalog, caller = PostgresCatalog(api), a_caller()
    with catalog.write(caller) as unit:
        unit.add(integration(caller.tenant))
        unit.commit()
    proxy.count()
    trips = []
    for _ in range(3):
        catalog.by_type(caller.tenant, "harbor", None, 10, consumer="portal")
        trips.append(proxy.count())
    assert trips == [2, 1, 1]


def test_every_write_is_two_round_trips(api, proxy):
    # Given
    catalog, caller, now = PostgresCatalog(api), a_caller(), datetime.now(UTC)
    made, key = integration(caller.tenant), IdempotencyKey("k", "POST /", b"\x01" * 32)
    trips = {}
    # When
    with catalog.write(caller) as unit:
        unit.begin_idempotent(key)
        unit.count()
        unit.add(made)
        unit.finish_idempotent(key, {"id": str(made.id)})
        _finish(unit, made, AuditAction.CREATED)
    trips["create"] = proxy.count()
    with catalog.write(caller) as unit:
        old = unit.lock(made.id)
        unit.replace(replace(old, version=2), recheck=True)
        _finish(unit, made, AuditAction.UPDATED)
    trips["update"] = proxy.count()
    with catalog.write(caller) as unit:
        unit.lock(made.id)
        unit.fresh_consumers(made.id, now)
        unit.delete(made.id, now)
        _finish(unit, made, AuditAction.DELETED)
    trips["delete"] = proxy.count()
    with catalog.write(caller) as unit:
        unit.lock(made.id, deleted=True)
        unit.count()
        unit.restore(made.id, now)
        _finish(unit, made, AuditAction.RESTORED)
    trips["restore"] = proxy.count()
    PostgresAudit(api).append(caller, AuditEntry(AuditAction.TESTED, None))
    trips["append"] = proxy.count()
    # Then
    assert trips == dict.fromkeys(("create", "update", "delete", "restore", "append"), 2)


def test_the_audit_entry_goes_last_whenever_it_was_queued(api, proxy):
    # Given
    catalog, caller = PostgresCatalog(api), a_caller()
    made = integration(caller.tenant)
    # When
    with catalog.write(caller) as unit:
        unit.record(AuditEntry(AuditAction.CREATED, made.id))
        unit.add(made)
        unit.emit(Event(EventType.CREATED, made.id))
        unit.commit()
    # Then
    order = [proxy.said.index(word) for word in (b"hub.integrations", b"hub.outbox", b"hub.audit_append", b"COMMIT")]
    assert order == sorted(order)


def _finish(unit, made, action) -> None:
    unit.emit(Event(EventType.UPDATED, made.id))
    unit.record(AuditEntry(action, made.id))
    unit.commit()


def test_the_sweep_s_claim_and_its_results_are_one_each(database):
    with counting(database.dsn("hub_worker")) as proxy:
        # Given
        catalog, caller = PostgresCatalog(database.connections("hub_api")), a_caller()
        for n in range(300):
            with catalog.write(caller) as unit:
                unit.add(integration(caller.tenant, f"{n}"))
                unit.commit()
        worker = Connections(proxy.dsn, size=1)
        sweep = PostgresSweep(worker, per_target=1000, per_tenant=1000)
        sweep.claim_due(0, 60)
        proxy.count()
        # When
        claims = sweep.claim_due(1000, 60)
        claiming = proxy.count()
        written = sweep.record([recorded(claim, passed()) for claim in claims])
        writing = proxy.count()
        # Then
        assert (len(written) >= 300, claiming, writing) == (True, 1, 1)
        items = PostgresOutbox(worker).claim(1000, 60)
        assert (len(items) >= 300, proxy.count()) == (True, 1)
        worker.close()
