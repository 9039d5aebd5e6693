"""The first release: catalogue, health, audit, outbox, and who may touch what.

Revision ID: 0001
Down revision: none
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
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
    make_definers(connection, revision)
    run_sql(connection, f"SELECT hub.ensure_partitions({_DAYS_AHEAD})")


def downgrade() -> None:
    """Drop everything but the schemas and the roles, which other databases of the cluster may use."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, f"DROP TABLE {', '.join(f'hub.{name.strip()}' for name in _TABLES.split(','))}")
    run_sql(connection, "DROP FUNCTION hub.refuse_change()")
