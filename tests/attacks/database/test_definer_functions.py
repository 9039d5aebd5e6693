"""Functions that run as their owner: who may call them, and that a tenant gets no further by them than by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from psycopg import errors

from integrations_hub.storage.migrations.functions import DEFINERS
from tests.support.catalogue import a_caller
from tests.support.databases import LOGIN_ROLES
from tests.support.victim import DENIED, attack


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
