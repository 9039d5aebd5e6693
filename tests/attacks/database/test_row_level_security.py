"""Hand-written SQL with each login role's own password: no other tenant's row, whatever is tried.

What row-level security does not promise is shown nowhere here: who can run SQL as hub_api can also set
`app.tenant_id`. It guards against a forgotten filter, not against SQL injection.
"""

from __future__ import annotations

import pytest

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.events.routes import AlertRoute
from integrations_hub.tenants.model import TenantSettings
from tests.support.databases import LOGIN_ROLES
from tests.support.victim import DENIED, OTHER_ROLES, READABLE, TENANT_TABLES, attack

# --- reading ---


@pytest.mark.parametrize("tenant", [None, "", "attacker", "%", "' OR true --"])
@pytest.mark.parametrize("table", READABLE)
def test_no_row_of_another_tenant_is_readable(victim, untouched, table, tenant):
    with attack(victim.database, tenant=tenant) as connection:
        assert connection.execute(f"SELECT * FROM hub.{table}").fetchall() == []
        query = f"SELECT * FROM hub.{table} WHERE tenant_id = %s"
        assert connection.execute(query, [victim.caller.tenant]).fetchall() == []
        assert connection.execute(f"SELECT * FROM hub.{table} ORDER BY 1 DESC LIMIT 1").fetchall() == []


@pytest.mark.parametrize("table", ["outbox", "deliveries"])
def test_the_outbox_is_not_readable_at_all(victim, table):
    with attack(victim.database, tenant=victim.caller.tenant) as connection, pytest.raises(DENIED):
        connection.execute(f"SELECT * FROM hub.{table}")


@pytest.mark.parametrize("role", ["hub_worker", "hub_maintenance"])
@pytest.mark.parametrize("table", TENANT_TABLES)
def test_jobs_touch_no_table(victim, role, table):
    with attack(victim.database, role, victim.caller.tenant) as connection:
        for statement in (f"SELECT * FROM hub.{table}", f"DELETE FROM hub.{table}", f"TRUNCATE hub.{table}"):
            with pytest.raises(DENIED):
                connection.execute(statement)


@pytest.mark.parametrize("role", LOGIN_ROLES)
@pytest.mark.parametrize("table", ["roll_up", "late_checks"])
def test_how_far_it_is_rolled_up_is_nobody_s_to_see_or_set(victim, role, table):
    with attack(victim.database, role, victim.caller.tenant) as connection:
        for statement in (
            f"SELECT * FROM hub.{table}",
            f"DELETE FROM hub.{table}",
            f"INSERT INTO hub.{table} DEFAULT VALUES",
        ):
            with pytest.raises(DENIED):
                connection.execute(statement)


@pytest.mark.parametrize("role", LOGIN_ROLES)
@pytest.mark.parametrize(
    "change", ["UPDATE hub.health_hours SET unhealthy = 0", "INSERT INTO hub.health_hours DEFAULT VALUES"]
)
def test_no_login_role_writes_history(victim, untouched, role, change):
    with attack(victim.database, role, victim.caller.tenant) as connection, pytest.raises(DENIED):
        connection.execute(change)


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_partitions_cannot_be_named(victim, role):
    with victim.database.connect("postgres") as admin:
        parts = admin.execute("SELECT relname FROM pg_class WHERE relnamespace = 'hub_parts'::regnamespace").fetchall()
    assert len(parts) > 16
    with attack(victim.database, role, victim.caller.tenant) as connection:
        for (part,) in parts:
            with pytest.raises(DENIED):
                connection.execute(f'SELECT * FROM hub_parts."{part}"')


def test_a_condition_never_sees_another_tenant_s_row(victim, untouched):
    with attack(victim.database) as connection:
        division = "SELECT * FROM hub.integrations WHERE 1 / (length(name) - length(name)) > 0"
        assert connection.execute(division).fetchall() == []
        cast = "SELECT * FROM hub.integrations WHERE (name::integer) > 0"
        assert connection.execute(cast).fetchall() == []


def test_statistics_tell_nothing(victim):
    with victim.database.connect("hub_migrator") as owner:
        owner.execute("ANALYZE hub.integrations, hub.integration_health, hub.audit_logs")
    with attack(victim.database) as connection:
        query = "SELECT tablename FROM pg_stats WHERE schemaname IN ('hub', 'hub_parts') AND tablename = ANY(%s)"
        assert connection.execute(query, [list(TENANT_TABLES)]).fetchall() == []


def test_row_security_cannot_be_switched_off(victim):
    with attack(victim.database) as connection:
        connection.execute("SET row_security = off")
        with pytest.raises(DENIED):
            connection.execute("SELECT * FROM hub.integrations")


# --- writing ---


@pytest.mark.parametrize("tenant", [None, "", "attacker"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE hub.integrations SET config_json = '{}'",
        "UPDATE hub.integrations SET deleted_at = now() WHERE id = %(id)s",
        "UPDATE hub.integration_health SET lease = gen_random_uuid() WHERE integration_id = %(id)s",
        "UPDATE hub.idempotency_keys SET answer = '{}'",
        "UPDATE hub.consumers SET last_seen_at = now()",
        "UPDATE hub.allowances SET spent = 1000000",
        "UPDATE hub.rests SET until = 'infinity'",
        "UPDATE hub.webhooks SET secret_ref = 'authref://file/mine'",
        "UPDATE hub.tenant_settings SET alert_routes = '[]', require_test_receipt = false",
    ],
)
def test_no_row_of_another_tenant_is_writable(victim, untouched, change, tenant):
    with attack(victim.database, tenant=tenant) as connection:
        assert connection.execute(change, {"id": victim.one.id}).rowcount == 0


@pytest.mark.parametrize(
    "insert",
    [
        "INSERT INTO hub.consumers VALUES (%(id)s, 'me', %(tenant)s, now())",
        "INSERT INTO hub.allowances VALUES (%(tenant)s, 'other', now(), 1)",
        "INSERT INTO hub.rests VALUES (%(tenant)s, 'harbor.example:443', '', 'infinity')",
        "INSERT INTO hub.webhooks VALUES (%(tenant)s, %(id)s, 'authref://file/mine') ON CONFLICT DO NOTHING",
        "INSERT INTO hub.webhook_deliveries VALUES (%(tenant)s, %(id)s, sha256('x'), gen_random_uuid(), 'k')",
        "INSERT INTO hub.tenant_settings (tenant_id) VALUES (%(tenant)s) ON CONFLICT DO NOTHING",
        "INSERT INTO hub.idempotency_keys VALUES (%(tenant)s, 'a', 'r', 'k2', '\\x00', NULL, now())",
        (
            "INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data)"
            " VALUES (gen_random_uuid(), %(tenant)s, %(id)s, 99, 'integration.created', 'alert', '{}')"
        ),
        "INSERT INTO hub.integration_health (integration_id, tenant_id, target) VALUES (gen_random_uuid(), %(tenant)s, 'x')",
        (
            "INSERT INTO hub.integrations (id, tenant_id, type, category, name, name_key, config_json, target,"
            " check_interval_seconds, failure_threshold, success_threshold, version, created_at, updated_at)"
            " VALUES (gen_random_uuid(), %(tenant)s, 't', 'c', 'n', 'n', '{}', 'x', 60, 1, 1, 1, now(), now())"
        ),
    ],
)
def test_nothing_can_be_planted_in_another_tenant(victim, untouched, insert):
    with attack(victim.database) as connection, pytest.raises(DENIED, match="row-level security"):
        connection.execute(insert, {"id": victim.one.id, "tenant": victim.caller.tenant})


def test_a_conflict_does_not_open_another_tenant_s_row(victim, untouched):
    with attack(victim.database) as connection, pytest.raises(DENIED, match="row-level security"):
        connection.execute(
            "INSERT INTO hub.integrations (id, tenant_id, type, category, name, name_key, config_json, target,"
            " check_interval_seconds, failure_threshold, success_threshold, version, created_at, updated_at)"
            " VALUES (%s, 'attacker', 't', 'c', 'n', 'n', '{}', 'x', 60, 1, 1, 1, now(), now())"
            " ON CONFLICT (id) DO UPDATE SET config_json = '{}' RETURNING *",
            [victim.one.id],
        )


@pytest.mark.parametrize("table", ["integrations", "integration_health", "idempotency_keys", "consumers", "allowances"])
def test_a_row_never_moves_to_another_tenant(victim, untouched, table):
    with attack(victim.database, tenant=victim.caller.tenant) as connection, pytest.raises(DENIED):
        connection.execute(f"UPDATE hub.{table} SET tenant_id = 'attacker'")


@pytest.mark.parametrize("table", [*TENANT_TABLES, "plugin_metadata"])
def test_the_api_deletes_nothing(victim, untouched, table):
    with attack(victim.database, tenant=victim.caller.tenant) as connection:
        for statement in (f"DELETE FROM hub.{table}", f"TRUNCATE hub.{table}"):
            with pytest.raises(DENIED):
                connection.execute(statement)


def test_an_event_planted_for_another_s_integration_holds_up_nobody(victim):
    with attack(victim.database) as connection:
        connection.execute(
            "INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data)"
            " VALUES (gen_random_uuid(), 'attacker', %s, -1, 'integration.created', 'info', '{}')",
            [victim.one.id],
        )
    claimed = victim.stores.outbox.claim(1000, 0)
    assert {one.tenant_id for one in claimed} == {"attacker", victim.caller.tenant}


def test_an_event_planted_for_another_s_integration_takes_neither_its_routes_nor_its_tags(victim):
    # Given the victim's route, and one of the attacker's own that asks for the victim's tag
    route = AlertRoute("mine", "webhook", "https://attacker.example", "authref://vault/a", tags=("blue",))
    attacker = Caller("attacker", "eve", frozenset())
    entry = AuditEntry(AuditAction.SETTINGS_UPDATED, None)
    victim.stores.tenants.replace(attacker, TenantSettings(alert_routes=(route,)), None, entry)
    # When
    with attack(victim.database) as connection:
        connection.execute(
            "INSERT INTO hub.outbox (id, tenant_id, integration_id, sequence, type, severity, data)"
            " VALUES (gen_random_uuid(), 'attacker', %s, -2, 'integration.created', 'info', '{}')",
            [victim.one.id],
        )
    claimed = victim.stores.outbox.claim(1000, 0)
    # Then
    assert {one.destination for one in claimed if one.tenant_id == "attacker"} == {"log"}
    assert f"{victim.caller.tenant}/own" in {one.destination for one in claimed}


# --- becoming somebody else ---


@pytest.mark.parametrize("role", LOGIN_ROLES)
@pytest.mark.parametrize("wanted", OTHER_ROLES)
def test_no_login_role_can_become_another(victim, role, wanted):
    with attack(victim.database, role) as connection:
        for statement in (f"SET ROLE {wanted}", f"SET SESSION AUTHORIZATION {wanted}", f"GRANT {wanted} TO {role}"):
            with pytest.raises(DENIED):
                connection.execute(statement)


@pytest.mark.parametrize("role", LOGIN_ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE hub.mine (x integer)",
        "CREATE TABLE hub_parts.mine (x integer)",
        "CREATE FUNCTION hub.claim_due() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "ALTER TABLE hub.integrations DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE hub.integrations NO FORCE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON hub.integrations USING (true)",
        "DROP POLICY tenant ON hub.integrations",
        "ALTER TABLE hub.audit_logs DISABLE TRIGGER ALL",
        "CREATE TRIGGER mine BEFORE INSERT ON hub.integrations FOR EACH ROW EXECUTE FUNCTION hub.refuse_change()",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "CREATE ROLE mine",
        "COPY hub.integrations TO PROGRAM 'true'",
    ],
)
def test_no_login_role_can_change_the_rules(victim, role, statement):
    with attack(victim.database, role) as connection, pytest.raises(DENIED):
        connection.execute(statement)
