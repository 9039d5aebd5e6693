"""Upkeep: what is made ahead, what is dropped behind, and what stays whatever it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import IdempotencyKey, IntegrationFilter
from integrations_hub.events.model import Event, EventType
from integrations_hub.events.routes import AlertRoute
from integrations_hub.health.maintenance import Kept, MaintenanceService
from integrations_hub.storage.maintenance import PostgresMaintenance
from integrations_hub.tenants.model import TenantSettings
from tests.support.catalogue import a_caller, ids, postgres_stores

NOW = datetime.now(UTC)
PARTITIONS = "SELECT relname FROM pg_class WHERE relname LIKE 'health_checks_2%' AND relkind = 'r' ORDER BY 1"


@pytest.fixture
def store(database):
    return PostgresMaintenance(database.connections("hub_maintenance"))


def partitions(database) -> list[str]:
    with database.connect("hub_migrator") as owner:
        return [name for (name,) in owner.execute(PARTITIONS)]


def test_partitions_are_made_ahead_once(store, database):
    # Given
    before = partitions(database)
    # When
    made = store.ensure_partitions(12)
    # Then
    assert (made, store.ensure_partitions(12)) == (5, 0)
    after = partitions(database)
    assert len(after) == len(before) + 5
    assert after[-1] == f"health_checks_{datetime.now(UTC) + timedelta(days=12):%Y%m%d}"


def test_old_partitions_are_dropped_and_the_last_week_s_never(store, database):
    # Given
    kept = partitions(database)
    with database.connect("hub_migrator") as owner:
        for day in ("2020-01-01", "2020-01-02"):
            name = f"hub_parts.health_checks_{day.replace('-', '')}"
            owner.execute("SET ROLE hub_owner")
            owner.execute(
                f"CREATE TABLE {name} PARTITION OF hub.health_checks "
                f"FOR VALUES FROM ('{day} 00:00+00') TO ('{day} 24:00+00')"
            )
    # When / Then
    assert store.drop_partitions(datetime(2020, 1, 2, tzinfo=UTC)) == 1
    assert store.drop_partitions(NOW + timedelta(days=365)) == 1
    assert partitions(database) == kept


def test_hours_have_partitions_by_the_month_and_lose_those_of_old_months(store, database):
    # Given
    with database.connect("hub_migrator") as owner:
        owner.execute("SET ROLE hub_owner")
        for month in ("202001", "202002"):
            begins = f"{month[:4]}-{month[4:]}-01"
            owner.execute(
                f"CREATE TABLE hub_parts.health_hours_{month} PARTITION OF hub.health_hours"
                f" FOR VALUES FROM ('{begins}') TO (date '{begins}' + interval '1 month')"
            )
    # When / Then
    assert store.drop_hour_partitions(datetime(2020, 2, 15, tzinfo=UTC)) == 1
    assert store.drop_hour_partitions(NOW + timedelta(days=365)) == 1
    with database.connect("postgres") as admin:
        found = admin.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'hub.health_hours'::regclass")
        assert found.fetchone() == (3,)


def test_months_since_the_last_roll_up_get_their_partitions_too(store, database):
    with database.connect("postgres") as admin:
        admin.execute("UPDATE hub.roll_up SET hour = hour - interval '100 days'")
        assert store.ensure_partitions(7) in {3, 4}
        admin.execute("UPDATE hub.roll_up SET hour = hour + interval '100 days'")


def test_the_heads_of_all_chains_are_told(store, database):
    stores, callers = postgres_stores(database), [a_caller() for _ in range(3)]
    for caller in callers:
        stores.add(caller)
    heads = {head.tenant_id: head for head in store.chain_heads()}
    for caller in callers:
        last = stores.audit.page(caller.tenant, None, 0, 10)[-1]
        assert (heads[caller.tenant].seq, heads[caller.tenant].hash) == (last.seq, last.hash)


def test_a_step_that_fails_keeps_no_other_from_being_done(database, caplog):
    # Given something nobody expects where a partition would be
    with database.connect("hub_migrator") as owner:
        owner.execute("SET ROLE hub_owner")
        owner.execute("CREATE TABLE hub_parts.health_hours_201901 (x integer)")
        owner.execute("CREATE VIEW hub_parts.upon AS SELECT x FROM hub_parts.health_hours_201901")
    kept = Kept(checks=35, hours=396, deleted=90, delivered=7, dead=30, received=90)
    store = PostgresMaintenance(database.connections("hub_maintenance"))
    # When
    with caplog.at_level("INFO", "integrations_hub"):
        report = MaintenanceService(store, kept, lambda: datetime.now(UTC)).maintain_storage()
    # Then
    assert set(report.failed) == {"hour_partitions_dropped"}
    assert {"partitions_made", "hours_rolled_up", "keys_purged", "chain_heads_logged"} <= set(report.done)
    assert "hour_partitions_dropped" in {getattr(one, "step", None) for one in caplog.records}
    assert (
        report.done["chain_heads_logged"] == sum(one.getMessage() == "audit chain head" for one in caplog.records) > 0
    )
    with database.connect("hub_migrator") as owner:
        owner.execute("SET ROLE hub_owner")
        owner.execute("DROP TABLE hub_parts.health_hours_201901 CASCADE")


def test_deleted_integrations_are_purged_with_their_traces_and_audited(store, database):
    # Given one deleted long ago, one lately, one not at all
    stores, caller = postgres_stores(database), a_caller('quote " here')
    old, late, kept = (stores.add(caller, f'{name} "quoted"') for name in ("old", "late", "kept"))
    stores.catalog.by_type(caller.tenant, "harbor", None, 10, consumer="portal")
    stores.emit(caller, Event(EventType.UPDATED, old.id))
    for one, at in ((old, NOW - timedelta(days=91)), (late, NOW - timedelta(days=1))):
        with stores.catalog.write(caller) as unit:
            unit.lock(one.id)
            unit.delete(one.id, at)
            unit.record(AuditEntry(AuditAction.DELETED, one.id))
            unit.commit()
    # When
    removed = store.purge_deleted(NOW - timedelta(days=90))
    # Then
    assert (removed, store.purge_deleted(NOW - timedelta(days=90))) == (1, 0)
    assert ids(stores.catalog.page(caller.tenant, IntegrationFilter(deleted=True), None, 10)) == [late.id]
    assert ids(stores.catalog.page(caller.tenant, IntegrationFilter(), None, 10)) == [kept.id]
    last = stores.audit.page(caller.tenant, old.id, 0, 10)[-1]
    assert (last.action, last.actor) == ("integration.purged", "hub")
    assert last.details == '{"name":"old \\"quoted\\"","type":"harbor"}'
    with database.connect("postgres") as admin:
        for table in ("integration_health", "consumers", "outbox"):
            count = f"SELECT count(*) FROM hub.{table} WHERE integration_id = %s"
            assert admin.execute(count, [old.id]).fetchone() == (0,)


def test_delivered_events_go_and_waiting_ones_stay(store, database):
    stores, caller = postgres_stores(database), a_caller()
    one, other = stores.add(caller, "one"), stores.add(caller, "other")
    stores.emit(caller, Event(EventType.UPDATED, one.id), Event(EventType.UPDATED, other.id))
    mine = [item for item in stores.outbox.claim(1000, 0) if item.tenant_id == caller.tenant]
    stores.outbox.delivered([mine[0].lease])
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert store.purge_delivered(NOW - timedelta(days=7)) == 0
    assert store.purge_delivered(later) == 1
    waiting = [item.event.id for item in stores.outbox.claim(1000, 0) if item.tenant_id == caller.tenant]
    assert waiting == [mine[1].event.id]


def test_an_event_stays_until_its_dead_letters_are_purged_which_the_log_tells(store, database, caplog):
    # Given an event that arrived in one place and was given up in another
    stores, caller = postgres_stores(database), a_caller()
    route = AlertRoute("own", "webhook", "https://hooks.example", "authref://vault/hook")
    changed = AuditEntry(AuditAction.SETTINGS_UPDATED, None)
    stores.tenants.replace(caller, TenantSettings(alert_routes=(route,)), None, changed)
    stores.emit(caller, Event(EventType.UPDATED, stores.add(caller).id))
    for item in [item for item in stores.outbox.claim(1000, 60) if item.tenant_id == caller.tenant]:
        if item.destination == "log":
            stores.outbox.delivered([item.lease])
        else:
            stores.outbox.give_up(item.lease, "gone")

    def left() -> int:
        with database.connect("postgres") as admin:
            query = "SELECT count(*) FROM hub.outbox WHERE tenant_id = %s"
            return admin.execute(query, [caller.tenant]).fetchone()[0]

    # When / Then
    store.purge_delivered(datetime.now(UTC) + timedelta(minutes=1))
    assert left() == 1
    later = MaintenanceService(
        store,
        Kept(checks=35, hours=396, deleted=90, delivered=7, dead=30, received=90),
        lambda: datetime.now(UTC) + timedelta(days=31),
    )
    assert later.maintain_storage().done["dead_letters_purged"] == 1
    assert "dead letters purged: 1" in caplog.text
    assert later.maintain_storage().done["events_purged"] == 1
    assert left() == 0


def test_idempotency_keys_keep_their_24_hours(store, database):
    # Given
    stores, caller = postgres_stores(database), a_caller()
    for name in ("old", "new"):
        with stores.catalog.write(caller) as unit:
            key = IdempotencyKey(name, "POST /", b"\x01" * 32)
            unit.begin_idempotent(key)
            unit.finish_idempotent(key, {"name": name})
            unit.commit()
    with database.connect("postgres") as admin:
        admin.execute("UPDATE hub.idempotency_keys SET created_at = now() - interval '25 h' WHERE key = 'old'")
    # When / Then a key past its time is as good as none, and is purged
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(IdempotencyKey("old", "POST /", b"\x02" * 32)) is None
    assert store.purge_idempotency_keys(NOW + timedelta(days=365)) == 1
    with stores.catalog.write(caller) as unit:
        assert unit.begin_idempotent(IdempotencyKey("new", "POST /", b"\x01" * 32)) == {"name": "new"}
