"""Connections: borrowed exclusively, replaced when dead, given up when the database is away."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.catalog.model import IntegrationFilter
from integrations_hub.errors import Invalid, StorageUnavailable
from integrations_hub.storage.catalog import PostgresCatalog
from integrations_hub.storage.connections import Connections, Statement
from tests.support.catalogue import a_caller, integration

WHO: Statement = ("SELECT pg_backend_pid() AS pid", {})


def pid(connections: Connections) -> int:
    ((row,),) = connections.run(WHO)
    return row["pid"]


def kill(database, process: int) -> None:
    with database.connect("postgres") as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


def test_a_connection_is_kept_and_a_dead_one_replaced_once(database):
    # Given
    connections = database.connections("hub_api", 1)
    first = pid(connections)
    assert pid(connections) == first
    # When
    kill(database, first)
    # Then
    assert pid(connections) != first


def test_a_connection_that_dies_within_a_unit_is_not_replaced(database):
    # Given
    connections, caller = database.connections("hub_api", 1), a_caller()
    catalog = PostgresCatalog(connections)
    process = pid(connections)

    # When
    def add() -> None:
        with catalog.write(caller) as unit:
            unit.count()
            kill(database, process)
            unit.add(integration(caller.tenant))
            unit.record(AuditEntry(AuditAction.CREATED, None))
            unit.commit()

    with pytest.raises(StorageUnavailable):
        add()
    # Then
    assert not catalog.page(caller.tenant, IntegrationFilter(), None, 10)


def test_a_unit_s_first_question_survives_a_dead_connection(database):
    connections, caller = database.connections("hub_api", 1), a_caller()
    catalog = PostgresCatalog(connections)
    kill(database, pid(connections))
    with catalog.write(caller) as unit:
        unit.add(integration(caller.tenant))
        unit.commit()
    assert len(catalog.page(caller.tenant, IntegrationFilter(), None, 10)) == 1


def test_an_absent_database_is_unavailable_at_once_and_says_when_to_return(tmp_path):
    connections = Connections(f"host={tmp_path} user=hub_api dbname=none", size=1)
    with pytest.raises(StorageUnavailable) as away:
        connections.run(WHO)
    assert away.value.extras.headers["Retry-After"] == "5"
    assert not connections.ready()


def test_a_wrong_password_is_unavailable_and_never_told(database):
    connections = Connections(make_conninfo(database.dsn("hub_api"), password="not-a-real-secret-1"), size=1)
    with pytest.raises(StorageUnavailable) as away:
        connections.run(WHO)
    assert "not-a-real-secret-1" not in f"{away.value} {away.value.__cause__}"


def test_the_password_is_asked_at_each_connect(database):
    # Given
    asked = []

    def password() -> str:
        asked.append(1)
        return database.server.password("hub_api")

    connections = Connections(make_conninfo(database.dsn("hub_api"), password="stale"), size=1, password=password)
    # When
    for _ in range(3):
        connections.run(WHO)
    connections.close()
    connections.run(WHO)
    # Then
    assert len(asked) == 2
    connections.close()


def test_all_connections_in_use_is_unavailable_after_a_while(database):
    connections = Connections(database.dsn("hub_api"), size=1, wait_s=0.01)
    with connections.session() as session:
        session.send(WHO)
        with pytest.raises(StorageUnavailable, match="busy"):
            connections.run(WHO)
    connections.run(WHO)
    connections.close()


def test_closing_drops_the_kept_and_those_in_use_when_they_return(database):
    connections = database.connections("hub_api", 2)
    with connections.session() as session:
        used = session.send(WHO)[0][0]["pid"]
        kept = pid(connections)
        connections.close()
    assert pid(connections) not in (used, kept)


def test_a_tenant_does_not_outlast_its_statement(database):
    connections = database.connections("hub_api", 1)
    connections.read("acme", ("SELECT 1", {}))
    ((row,),) = connections.run(("SELECT current_setting('app.tenant_id', true) AS tenant", {}))
    assert row["tenant"] == ""


def test_an_abandoned_transaction_is_rolled_back_before_the_next_user(database):
    connections = database.connections("hub_api", 1)
    with connections.session() as session:
        session.send(("BEGIN", {}), ("SELECT set_config('app.tenant_id', 'acme', true)", {}))
    ((row,),) = connections.run(("SELECT current_setting('app.tenant_id', true) AS tenant", {}))
    assert row["tenant"] != "acme"


def test_a_character_that_cannot_be_stored_is_a_sentence(database):
    caller = a_caller()
    catalog = PostgresCatalog(database.connections("hub_api", 1))

    def add() -> None:
        with catalog.write(caller) as unit:
            unit.add(integration(caller.tenant, config={"text": "\x00"}))
            unit.commit()

    with pytest.raises(Invalid, match="NUL"):
        add()


@pytest.mark.parametrize("text", ["nul \x00", "lone \ud800"])
def test_a_filter_that_no_text_can_hold_is_a_sentence_too(database, text):
    catalog = PostgresCatalog(database.connections("hub_api", 1))
    with pytest.raises(Invalid, match="cannot be stored"):
        catalog.page("acme", IntegrationFilter(name_contains=text), None, 10)
    assert catalog.page("acme", IntegrationFilter(), None, 10) == []


def test_an_unforeseen_refusal_is_a_bug_and_passes(database):
    with pytest.raises(psycopg.errors.UndefinedTable):
        database.connections("hub_api", 1).run(("SELECT * FROM hub.nothing", {}))


def test_readiness_needs_room_for_two_days(cluster):
    # Given
    database = cluster.fresh()
    connections = database.connections("hub_api", 1)
    assert connections.ready()
    # When the partition of the day after tomorrow is missing
    with database.connect("hub_migrator") as owner:
        owner.execute("""DO $$ BEGIN EXECUTE format('DROP TABLE hub_parts.%I', 'health_checks_'
            || to_char((now() AT TIME ZONE 'UTC')::date + 2, 'YYYYMMDD')); END $$""")
    # Then
    assert not connections.ready()
    database.close()


def test_times_come_in_utc_wherever_the_process_thinks_it_is(database, monkeypatch):
    monkeypatch.setenv("PGTZ", "Asia/Kolkata")
    ((row,),) = database.connections("hub_api").run(("SELECT now() AS now", {}))
    assert row["now"].utcoffset() == timedelta()
