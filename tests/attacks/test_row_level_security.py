"""Hand-written SQL with each login role's own password: no other tenant's row, whatever is tried.

What row-level security does not promise is shown nowhere here: who can run SQL as hub_api can also set
`app.tenant_id`. It guards against a forgotten filter, not against SQL injection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.catalog.model import IdempotencyKey, Integration
from integrations_hub.events.model import Event, EventType
from integrations_hub.events.routes import AlertRoute
from integrations_hub.health.model import Claim
from integrations_hub.storage.maintenance import PostgresMaintenance
from integrations_hub.storage.migrations.functions import DEFINERS
from integrations_hub.tenants.model import TenantSettings
from integrations_hub.webhooks.model import Accepted
from tests.support.catalogue import Stores, a_caller, failed, postgres_stores, recorded
from tests.support.databases import LOGIN_ROLES, Database

READABLE = (
    "integrations",
    "integration_health",
    "health_checks",
    "health_hours",
    "audit_heads",
    "audit_logs",
    "idempotency_keys",
    "consumers",
    "allowances",
    "webhooks",
    "webhook_deliveries",
    "tenant_settings",
    "rests",
)
TENANT_TABLES = (*READABLE, "outbox", "deliveries")
OTHER_ROLES = (
    "postgres", "hub_migrator", "hub_owner", "hub_claim", "hub_record", "hub_audit", "hub_deliver", "hub_keep",
    "hub_ingress",
)  # fmt: skip
DENIED = errors.InsufficientPrivilege
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


@dataclass
class Victim:
    """A tenant with a row in every table, and a lease that was stolen from it."""

    database: Database
    stores: Stores
    caller: Caller
    one: Integration
    lease: Claim

    def rows(self) -> list[list[tuple]]:
        """Return everything the victim has, as a superuser sees it."""
        with self.database.connect("postgres") as admin:
            return [
                admin.execute(f"SELECT t::text FROM hub.{table} AS t WHERE tenant_id = %s ORDER BY 1", [self.caller.tenant])
                .fetchall()
                for table in TENANT_TABLES
            ]  # fmt: skip


@pytest.fixture(scope="module")
def victim(database) -> Victim:
    stores, caller = postgres_stores(database), a_caller()
    one = stores.add(caller, "the victim's")
    stores.catalog.by_type(caller.tenant, one.type, None, 10, consumer="portal")
    stores.catalog.spend(caller.tenant, "checks", 10, 86400)
    with stores.catalog.write(caller) as unit:
        key = IdempotencyKey("key", "POST /", b"\x01" * 32)
        unit.begin_idempotent(key)
        unit.finish_idempotent(key, {"secret": "answer"})
        unit.emit(Event(EventType.CREATED, one.id))
        unit.commit()
    asked_to_wait = replace(failed(), retry_after_s=3600.0)
    stores.health.record(caller.tenant, recorded(stores.health.claim(caller.tenant, one.id, 60), asked_to_wait))
    stores.webhooks.begin(caller, one.id, "authref://vault/webhook")
    stores.webhooks.accept(caller.tenant, Accepted.of(one.id, [b"d" * 32], "push", None))
    route = AlertRoute("own", "webhook", "https://hooks.example", "authref://vault/hook")
    entry = AuditEntry(AuditAction.SETTINGS_UPDATED, None)
    stores.tenants.replace(caller, TenantSettings(require_test_receipt=True, alert_routes=(route,)), None, entry)
    stores.outbox.claim(0, 0)  # routes what waits
    with database.connect("postgres") as admin:
        admin.execute("UPDATE hub.roll_up SET hour = date_trunc('hour', now()) - interval '6 hours'")
        admin.execute("UPDATE hub.health_checks SET checked_at = checked_at - interval '3 hours'")
    PostgresMaintenance(database.connections("hub_maintenance")).roll_up()
    lease = stores.health.claim(caller.tenant, one.id, 3600)
    return Victim(database, stores, caller, one, lease)


@pytest.fixture
def untouched(victim) -> Iterator[None]:
    """Whatever the test does, the victim's rows are the same afterwards."""
    before = victim.rows()
    assert all(before), "the victim must have a row in every table"
    yield
    assert victim.rows() == before


def attack(database: Database, role: str = "hub_api", tenant: str | None = "attacker"):
    """Return a connection as the role, its tenant set for the session (None: never set)."""
    connection = database.connect(role)
    if tenant is not None:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [tenant])
    return connection


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


# --- definer functions ---


def test_each_function_is_refused_to_everybody_it_is_not_for(victim):
    for definer in DEFINERS:
        arguments = definer.signature.partition("(")[2].rstrip(")")
        call = f"SELECT hub.{definer.name}({', '.join(f'NULL::{kind}' for kind in arguments.split(', ') if kind)})"
        for role in set(LOGIN_ROLES) - set(definer.callers):
            with attack(victim.database, role, victim.caller.tenant) as connection, pytest.raises(DENIED):
                connection.execute(call)


@pytest.mark.parametrize("tenant", [None, "", "attacker"])
def test_a_stolen_lease_is_worth_nothing_to_another_tenant(victim, untouched, tenant):
    payload = json.dumps([_result(victim.one.id, victim.lease.lease)])
    with attack(victim.database, tenant=tenant) as connection:
        assert connection.execute("SELECT hub.record_result(%s)", [payload]).fetchall() == []


def test_without_its_lease_nobody_writes_a_result(victim, untouched):
    payload = json.dumps([_result(victim.one.id, uuid4()), _result(uuid4(), victim.lease.lease)])
    with attack(victim.database, "hub_worker", None) as connection:
        assert connection.execute("SELECT hub.record_results(%s)", [payload]).fetchall() == []


def _result(integration_id: UUID, lease: UUID) -> dict[str, object]:
    return {
        "integration_id": str(integration_id), "lease": str(lease), "checked_at": datetime.now(UTC).isoformat(),
        "latency_ms": 1, "check_status": "healthy", "check_reason": "ok", "steps": [], "keep_steps": True,
        "in_maintenance": False, "status": "healthy", "failures": 0, "successes": 1, "alert_open": False, "rests": 0,
        "checks": 1, "events": [],
    }  # fmt: skip


def test_a_result_s_tenant_is_the_row_s_whatever_the_payload_says(victim):
    # Given another victim, so that this one stays as it is
    caller = a_caller()
    one = victim.stores.add(caller)
    claim = victim.stores.health.claim(caller.tenant, one.id, 60)
    event = {"id": str(uuid4()), "type": "integration.created", "severity": "info", "data": {}, "tenant_id": "attacker"}
    payload = json.dumps([_result(one.id, claim.lease) | {"tenant_id": "attacker", "events": [event]}])
    # When
    with attack(victim.database, "hub_worker", "attacker") as connection:
        assert connection.execute("SELECT hub.record_results(%s)", [payload]).fetchall() == [(one.id,)]
    # Then
    with victim.database.connect("postgres") as admin:
        for table in ("health_checks", "outbox"):
            query = f"SELECT DISTINCT tenant_id FROM hub.{table} WHERE integration_id = %s"
            assert admin.execute(query, [one.id]).fetchall() == [(caller.tenant,)]


@pytest.mark.parametrize("tenant", [None, ""])
def test_no_link_without_a_tenant(victim, untouched, tenant):
    with attack(victim.database, tenant=tenant) as connection, pytest.raises(errors.CheckViolation):
        connection.execute("SELECT hub.audit_append('me', 'integration.created', NULL, '{}')")


def test_a_link_goes_to_one_s_own_chain_only(victim, untouched):
    with attack(victim.database) as connection:
        connection.execute("SELECT hub.audit_append('me', 'integration.created', %s, '{}')", [victim.one.id])
        assert connection.execute("SELECT DISTINCT tenant_id FROM hub.audit_logs").fetchall() == [("attacker",)]


def test_temporary_tables_of_the_same_names_deceive_no_function(victim):
    with attack(victim.database, "hub_worker", None) as connection:
        for table in ("integration_health", "integrations", "outbox", "deliveries", "now"):
            connection.execute(f"CREATE TEMPORARY TABLE {table} (x integer)")
        connection.execute("SET search_path = pg_temp, hub")
        assert len(connection.execute("SELECT * FROM hub.claim_deliveries(1000, 0, '{}')").fetchall()) > 0


def test_ddl_functions_take_nothing_but_their_numbers(victim, untouched):
    with attack(victim.database, "hub_maintenance", None) as connection:
        assert connection.execute("SELECT hub.drop_partitions('infinity')").fetchone() == (0,)
        assert connection.execute("SELECT hub.ensure_partitions(1000000)").fetchone()[0] <= 60
        assert connection.execute("SELECT hub.drop_hour_partitions('infinity')").fetchone() == (0,)
        assert connection.execute("SELECT hub.ensure_hour_partitions(1000000)").fetchone()[0] <= 12
        assert connection.execute("SELECT hours FROM hub.roll_up_checks(1000000)").fetchone() == (0,)
        assert connection.execute("SELECT hub.purge_deleted('infinity', 1000)").fetchone() == (0,)
        assert connection.execute("SELECT hub.purge_idempotency_keys('infinity', 1000)").fetchone() == (0,)


def test_counting_tells_numbers_and_nothing_of_any_integration(victim, untouched):
    with attack(victim.database, "hub_worker", None) as connection:
        counted = connection.execute("SELECT * FROM hub.count_integrations()")
        assert [column.name for column in counted.description] == ["type", "tenant_id", "status", "count"]
        assert (victim.one.type, victim.caller.tenant) in {row[:2] for row in counted.fetchall()}
        for function in ("waiting_checks", "waiting_deliveries"):
            waiting = connection.execute(f"SELECT * FROM hub.{function}()")
            assert [column.name for column in waiting.description] == ["depth", "lag_s"]


# --- the audit trail ---


CHANGES = (
    "UPDATE {} SET actor = 'nobody'",
    "DELETE FROM {}",
    "TRUNCATE {}",
    "INSERT INTO {} SELECT * FROM {}",
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", ["hub.audit_logs", "hub.audit_heads"])
def test_the_trail_takes_no_hand_written_change(victim, untouched, table, change):
    statement = change.replace("{}", table)
    with attack(victim.database, tenant=victim.caller.tenant) as connection, pytest.raises(DENIED):
        connection.execute(statement.replace("actor", "hash") if "heads" in table else statement)


@pytest.mark.parametrize("role", ["postgres", "hub_migrator"])
@pytest.mark.parametrize("change", CHANGES[:3])
def test_the_triggers_refuse_even_the_owner_and_a_superuser(victim, untouched, role, change):
    with victim.database.connect("postgres") as admin:
        parts = admin.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'hub.audit_logs'::regclass"
        )
        tables = ["hub.audit_logs", *(part for (part,) in parts)]
    assert len(tables) == 9
    refused = 0
    with victim.database.connect(role) as connection:
        for table in tables:
            try:
                connection.execute(change.replace("{}", table))
            except DENIED as error:
                refused += "the audit trail only grows" in str(error)
    # row triggers need a row to refuse: the owner sees none (FORCE), a superuser those of some partitions
    if "TRUNCATE" in change:
        assert refused == 9
    elif role == "postgres":
        assert refused >= 2


# --- the catalogue of rules ---


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
