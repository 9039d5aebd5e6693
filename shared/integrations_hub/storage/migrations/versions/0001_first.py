"""The first release: catalogue, health, audit, outbox, and who may touch what.

Revision ID: 0001
Down revision: none
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.functions import DEFINERS, source
from integrations_hub.storage.migrations.run import run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DAYS_AHEAD = 7
_TABLES = (
    "plugin_metadata, allowances, consumers, idempotency_keys, outbox, audit_logs, audit_heads, health_checks, "
    "integration_health, integrations"
)


def upgrade() -> None:
    """Make everything."""
    here, connection = Path(__file__).parent, op.get_bind()
    for part in ("0001_tables.sql", "0001_access.sql"):
        run_sql(connection, (here / part).read_text(encoding="utf-8"))
    for definer in DEFINERS:
        run_sql(connection, source(definer))
        run_sql(connection, _handed_over(definer.signature, definer.owner, definer.callers))
    run_sql(connection, f"SELECT hub.ensure_partitions({_DAYS_AHEAD})")


def downgrade() -> None:
    """Drop everything but the schemas and the roles, which other databases of the cluster may use."""
    connection = op.get_bind()
    for definer in reversed(DEFINERS):
        run_sql(connection, f"DROP FUNCTION hub.{definer.signature}")
    run_sql(connection, f"DROP TABLE {', '.join(f'hub.{name.strip()}' for name in _TABLES.split(','))}")
    run_sql(connection, "DROP FUNCTION hub.refuse_change()")


def _handed_over(signature: str, owner: str, callers: Sequence[str]) -> str:
    """Return what gives a function to the role it runs as, and the right to call it to nobody else."""
    lines = [
        f"REVOKE ALL ON FUNCTION hub.{signature} FROM PUBLIC",
        *(f"GRANT EXECUTE ON FUNCTION hub.{signature} TO {caller}" for caller in callers),
    ]
    if owner != "hub_owner":  # a new owner must be able to create in the schema, for that moment
        lines += [
            f"GRANT CREATE ON SCHEMA hub TO {owner}",
            "RESET ROLE",
            f"ALTER FUNCTION hub.{signature} OWNER TO {owner}",
            "SET ROLE hub_owner",
            f"REVOKE CREATE ON SCHEMA hub FROM {owner}",
        ]
    return ";\n".join(lines)
