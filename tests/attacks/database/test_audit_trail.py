"""The audit trail takes no change but what its own function appends, from anybody."""

from __future__ import annotations

import pytest

from tests.support.victim import DENIED, attack

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
