"""The second wall: the statements that run, with their own tenant filter torn out, still reach no other tenant's row.

Generated from `storage/statements.py`: a new statement is in it by itself. Each is shown three times: as it is, without
its filter under row-level security, and without its filter as the superuser, who proves that there was something to see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from integrations_hub.storage import statements
from integrations_hub.storage.tables import metadata
from tests.support.canaries import Planted, everything_of
from tests.support.hub import Hub

TENANT_TABLES = sorted(table.name for table in metadata.tables.values() if "tenant_id" in table.c)
_FILTER = re.compile(r"\b(?:[\w.]+\.)?tenant_id = %\(tenant\)s(?:::VARCHAR)?")
_PARAMETER = re.compile(r"%\((\w+)\)s")
TEXTS: Mapping[str, str] = {
    name: text
    for name, text in sorted(vars(statements).items())
    if name.isupper() and re.search(rf"\bhub\.({'|'.join(TENANT_TABLES)})\b", text)
}
READS = sorted(name for name, text in TEXTS.items() if text.startswith(("SELECT", "WITH span")))
WRITES = sorted(set(TEXTS) - set(READS))
INSERTS = sorted(name for name in WRITES if TEXTS[name].startswith("INSERT"))
UPDATES = sorted(set(WRITES) - set(INSERTS))

pytestmark = pytest.mark.usefixtures("attackers_own")


def test_the_statements_were_found() -> None:
    assert {"GET_INTEGRATION", "PAGE", "BY_TYPE", "AUDIT_PAGE", "LATEST", "HISTORY", "WINDOWS", "SPARKLINE"} <= set(
        READS
    )
    assert {"UPDATE_INTEGRATION", "CLAIM_ONE", "EMIT"} <= set(UPDATES)


@pytest.mark.parametrize("name", READS + UPDATES)
def test_every_statement_names_the_tenant_itself(name: str) -> None:
    assert unfiltered(TEXTS[name]) != TEXTS[name]


@pytest.mark.parametrize("name", READS)
def test_a_read_without_its_filter_finds_own_rows_only(hub: Hub, victim: Planted, name: str) -> None:
    # Given
    text, values = TEXTS[name], parameters(hub, victim, TEXTS[name])
    own = rows(hub, text, {**values, "tenant": "attacker"}, role="postgres")
    # When
    through = rows(hub, unfiltered(text), values, role="hub_api", tenant="attacker")
    # Then
    assert through == own
    assert rows(hub, unfiltered(text), values, role="postgres") != own, "nothing was there to be seen: plant more"


@pytest.mark.parametrize("name", READS)
def test_a_read_without_any_tenant_finds_nothing(hub: Hub, victim: Planted, name: str) -> None:
    values = parameters(hub, victim, TEXTS[name])
    nowhere = rows(hub, TEXTS[name], {**values, "tenant": "nobody"}, role="postgres")
    for tenant in (None, ""):
        assert rows(hub, unfiltered(TEXTS[name]), values, role="hub_api", tenant=tenant) == nowhere


@pytest.mark.parametrize("name", UPDATES)
def test_a_change_without_its_filter_changes_nothing_of_others(hub: Hub, victim: Planted, name: str) -> None:
    # Given
    values = parameters(hub, victim, TEXTS[name])
    before, text = everything_of(hub, "victim"), unfiltered(TEXTS[name])
    # When
    seen = rows(hub, text, values, role="hub_api", tenant="attacker", commit=True)
    # Then
    assert seen == []
    assert everything_of(hub, "victim") == before
    assert rows(hub, text, values, role="postgres", count=True) > 0, "nothing was there to be changed: plant more"


@pytest.mark.parametrize("name", INSERTS)
def test_a_row_cannot_be_put_into_another_tenant(hub: Hub, victim: Planted, name: str) -> None:
    # Given
    before, values = (
        everything_of(hub, "victim"),
        parameters(hub, victim, TEXTS[name]) | {"id": uuid4(), "name_key": "put in"},
    )
    # When
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        rows(hub, TEXTS[name], values, role="hub_api", tenant="attacker", commit=True)
    # Then
    assert everything_of(hub, "victim") == before


def unfiltered(text: str) -> str:
    """Tear the tenant filter out."""
    return _FILTER.sub("true", text)


def parameters(hub: Hub, victim: Planted, text: str) -> dict[str, Any]:
    """Return every parameter by name, each aimed at the victim: its own row's values, and what the others mean."""
    (row,) = hub.rows(
        "SELECT h.*, i.* FROM hub.integrations i JOIN hub.integration_health h ON h.integration_id = i.id"
        " WHERE i.id = %s",
        victim.deleted if "deleted_at IS NOT NULL" in text else victim.kept,
    )
    (key,) = hub.rows("SELECT * FROM hub.idempotency_keys WHERE tenant_id = %s ORDER BY key LIMIT 1", victim.tenant)
    columns = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in {**key, **row}.items()}
    return columns | {
        "tenant": victim.tenant,
        "maintenance": Jsonb(row["maintenance"]),
        "limit": 500,
        "after_seq": 0,
        "hours": [24],
        "points": 24,
        "ids": [victim.kept],
        "ending_before": "2100-01-01",
        "consumer": "put in",
        "until": "2100-01-01T00:00:00Z",
        "secret_ref": f"authref://file/canary-of-{victim.tenant}-hook",
        "identities": [b"put in".ljust(32)],
        "event_id": uuid4(),
        "kind": "put in",
        "lease_s": 1.0,
        "data": Jsonb({}),
        "severity": "info",
        "require_test_receipt": False,
        "alert_routes": Jsonb([]),
        "at": row["updated_at"],
        "deleted_at": row["updated_at"],
        "allowance": "on-demand",
        "window_s": 60,
        **dict.fromkeys(("tag", "name_contains", "after_key", "after_id", "before")),
    }


def rows(
    hub: Hub,
    text: str,
    values: Mapping[str, Any],
    *,
    role: str,
    tenant: str | None = None,
    commit: bool = False,
    count: bool = False,
) -> Any:
    """Run one statement as a role, in a transaction that is undone unless it shall be kept."""
    given = {name: values.get(name) for name in _PARAMETER.findall(text)}
    with hub.connect(role) as connection:
        connection.execute("BEGIN")
        if tenant is not None:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [tenant])
        cursor = connection.execute(text.encode(), given)
        found = cursor.rowcount if count else sorted(map(repr, cursor.fetchall() if cursor.description else []))
        connection.execute("COMMIT" if commit else "ROLLBACK")
    return found
