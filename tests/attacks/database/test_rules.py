"""The database's own catalogue: row security, grants, definers and roles are exactly what they are meant to be."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from integrations_hub.storage.migrations.functions import DEFINERS
from tests.support.databases import LOGIN_ROLES
from tests.support.victim import OTHER_ROLES, TENANT_TABLES

MAY_CALL = {
    "hub_api": {"audit_append", "record_result", "webhook_target"},
    "hub_worker": {
        "claim_deliveries",
        "claim_due",
        "claim_looks",
        "close_incident",
        "count_integrations",
        "dead_letters",
        "ensure_partitions",
        "failing_by",
        "give_back",
        "note_rests",
        "open_incident",
        "open_incidents",
        "outbox_claim",
        "outbox_settle",
        "purge_rests",
        "record_results",
        "replay_dead_letters",
        "route_events",
        "settle_deliveries",
        "take_claims",
        "waiting_checks",
        "waiting_deliveries",
        "wake",
    },
    "hub_maintenance": {
        "chain_heads",
        "drop_hour_partitions",
        "drop_partitions",
        "purge_dead_letters",
        "ensure_hour_partitions",
        "ensure_partitions",
        "purge_deleted",
        "purge_delivered",
        "purge_idempotency_keys",
        "purge_webhook_deliveries",
        "roll_up_checks",
    },
}


@pytest.fixture(scope="module")
def admin(database) -> Iterator[psycopg.Connection]:
    with database.connect("hub_worker") as worker:
        worker.execute("SELECT hub.ensure_partitions(20)")
    with database.connect("postgres") as connection:
        yield connection


IN_OUR_SCHEMAS = "relnamespace IN ('hub'::regnamespace, 'hub_parts'::regnamespace)"


def test_every_table_with_a_tenant_forces_row_security(admin):
    unforced = admin.execute(f"""
        SELECT c.oid::regclass FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE {IN_OUR_SCHEMAS} AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'
            AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""").fetchall()
    without_tenant = admin.execute(f"""
        SELECT c.relname FROM pg_class AS c WHERE {IN_OUR_SCHEMAS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND NOT EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
        ORDER BY 1""").fetchall()
    assert unforced == []
    assert without_tenant == [
        (name,) for name in ("incidents", "late_checks", "plugin_metadata", "roll_up", "schema_version")
    ]


def test_partitions_have_no_grants_and_no_policies(admin):
    granted = admin.execute("""
        SELECT c.relname FROM pg_class AS c, aclexplode(c.relacl) AS acl
        WHERE c.relnamespace = 'hub_parts'::regnamespace AND acl.grantee <> c.relowner""").fetchall()
    policies = admin.execute("SELECT * FROM pg_policies WHERE schemaname = 'hub_parts'").fetchall()
    usage = [
        role for role in LOGIN_ROLES
        if admin.execute("SELECT has_schema_privilege(%s, 'hub_parts', 'USAGE')", [role]).fetchone() == (True,)
    ]  # fmt: skip
    assert (granted, policies, usage) == ([], [], [])


def test_policies_for_login_roles_all_ask_for_the_tenant(admin):
    rule = "(tenant_id = current_setting('app.tenant_id'::text, true))"
    found = admin.execute("SELECT tablename, roles, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'hub'")
    of_logins = [row for row in found if set(row[1]) & {*LOGIN_ROLES, "public"}]
    assert sorted(of_logins) == sorted((table, ["hub_api"], "ALL", rule, rule) for table in TENANT_TABLES)


def test_definer_functions_are_exactly_the_known_ones_and_closed(admin):
    found = admin.execute("""
        SELECT p.proname, pg_get_userbyid(p.proowner), p.proconfig, p.prosqlbody IS NOT NULL, l.lanname,
            (SELECT array_agg(DISTINCT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(acl.grantee) END)
             FROM aclexplode(p.proacl) AS acl WHERE acl.grantee <> p.proowner)
        FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.pronamespace IN ('hub'::regnamespace, 'hub_parts'::regnamespace) AND p.prosecdef""").fetchall()
    assert {(name, owner, tuple(sorted(callers or ()))) for name, owner, _, _, _, callers in found} == {
        (one.name, one.owner, tuple(sorted(one.callers))) for one in DEFINERS
    }
    assert {role: {one.name for one in DEFINERS if role in one.callers} for role in LOGIN_ROLES} == MAY_CALL
    for name, owner, settings, is_bound, language, _ in found:
        assert "search_path=pg_catalog, hub, pg_temp" in settings, name
        assert is_bound or (owner, language) == ("hub_owner", "plpgsql"), name


def test_roles_have_no_more_than_they_need(admin):
    found = admin.execute(r"""
        SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'hub\_%' AND rolname <> 'hub_migrator'
            AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)""").fetchall()
    assert {name for name, can_login in found if can_login} == set(LOGIN_ROLES)
    assert {name for name, can_login in found if not can_login} == set(OTHER_ROLES) - {"postgres", "hub_migrator"}
    owners = admin.execute(f"SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE {IN_OUR_SCHEMAS}").fetchall()
    assert owners == [("hub_owner",)]
    members = admin.execute("""
        SELECT DISTINCT pg_get_userbyid(member) FROM pg_auth_members
        WHERE pg_get_userbyid(roleid) LIKE 'hub\\_%'""").fetchall()
    assert set(members) <= {("hub_migrator",), ("postgres",)}


def test_the_schema_is_closed_to_the_public(admin):
    for schema in ("hub", "hub_parts"):
        for right in ("USAGE", "CREATE"):
            query = (
                "SELECT 1 FROM pg_namespace AS n, aclexplode(n.nspacl) AS acl WHERE n.nspname = %s AND acl.grantee = 0"
            )
            assert admin.execute(f"{query} AND acl.privilege_type = %s", [schema, right]).fetchall() == []
    creators = [
        role for role in (*LOGIN_ROLES, *OTHER_ROLES[3:])
        if admin.execute("SELECT has_schema_privilege(%s, 'hub', 'CREATE')", [role]).fetchone() == (True,)
    ]  # fmt: skip
    assert creators == []
