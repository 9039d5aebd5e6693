"""Migrations: up, down, up; twice; from two processes; as a role that is no superuser."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from sqlalchemy.dialects import postgresql

from integrations_hub.storage.migrate import downgrade, migrate
from integrations_hub.storage.tables import metadata

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = 'hub' AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_version'
"""
NEWEST = "0010"
EVERYTHING = """
SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('hub', 'hub_parts')
UNION ALL SELECT p.proname, md5(pg_get_functiondef(p.oid)), pg_get_userbyid(p.proowner) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname IN ('hub', 'hub_parts') ORDER BY 1, 2, 3
"""


def everything(dsn: str) -> list[tuple]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(EVERYTHING).fetchall()


def test_up_down_up_and_twice(cluster):
    # Given
    dsn = cluster.fresh(migrated=False).dsn("hub_migrator")
    # When / Then
    assert migrate(dsn) == NEWEST
    first = everything(dsn)
    assert migrate(dsn) == NEWEST
    assert everything(dsn) == first
    assert downgrade(dsn) == ""
    assert {name for _, name, _ in everything(dsn)} == {"schema_version", "schema_version_pkc"}
    assert migrate(dsn) == NEWEST
    assert everything(dsn) == first


def test_two_processes_may_migrate_at_once(cluster):
    # Given
    dsn = cluster.fresh(migrated=False).dsn("hub_migrator")
    code = "import sys; from integrations_hub.storage.migrate import migrate; print(migrate(sys.argv[1]))"
    # When
    both = [
        subprocess.Popen([sys.executable, "-c", code, dsn], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [one.communicate(timeout=60) for one in both]
    # Then
    assert said == [(f"{NEWEST}\n", "")] * 2
    assert migrate(dsn) == NEWEST


def test_the_tables_are_what_statements_are_built_from(database):
    # Given
    dialect = postgresql.dialect()
    described = {
        (table.name, column.name, column.type.compile(dialect).lower(), not column.nullable)
        for table in metadata.tables.values()
        for column in table.columns
    }
    # When
    with database.connect("hub_migrator") as connection:
        found = {tuple(row) for row in connection.execute(COLUMNS)}
    # Then
    assert described == found


def test_a_password_for_a_stranger_s_role_is_refused(database):
    with pytest.raises(ValueError, match="postgres"):
        migrate(database.dsn("hub_migrator"), passwords={"postgres": "not-a-real-secret-1"})


def test_login_roles_carry_limits(database):
    with database.connect("hub_api") as connection:
        limits = [
            connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout", "timezone")
        ]
    assert limits == ["3s", "5s", "10s", "UTC"]


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"])
def test_each_release_can_be_gone_back_to_and_come_from(cluster, revision):
    # Given
    dsn = cluster.fresh(migrated=False).dsn("hub_migrator")
    assert migrate(dsn, revision=revision) == revision
    before = everything(dsn)
    # When
    assert migrate(dsn) == NEWEST
    after = everything(dsn)
    # Then
    assert downgrade(dsn, revision) == revision
    assert everything(dsn) == before
    assert migrate(dsn) == NEWEST
    assert everything(dsn) == after
