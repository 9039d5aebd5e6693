"""Health by the hour: rolled up from checks, read in their place, kept longer; and the heads of the audit chains.

Revision ID: 0005
Down revision: 0004
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MONTHS_AHEAD = 2


def upgrade() -> None:
    """Make the tables, the functions that fill them, and the partitions of these months."""
    connection = op.get_bind()
    run_sql(connection, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    make_definers(connection, revision)
    run_sql(connection, f"SELECT hub.ensure_hour_partitions({_MONTHS_AHEAD})")


def downgrade() -> None:
    """Take them back: what is older than the checks that are kept is forgotten."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "DROP TRIGGER note_late_checks ON hub.health_checks")
    run_sql(connection, "DROP FUNCTION hub.note_late_checks()")
    run_sql(connection, "DROP TABLE hub.health_hours, hub.roll_up, hub.late_checks")
    run_sql(connection, "DROP FUNCTION hub.latency_bucket(double precision), hub.bucket_latency(smallint)")
    run_sql(connection, "DROP POLICY keep ON hub.health_checks")
    rights = "SELECT (integration_id, checked_at, tenant_id, status, latency_ms, in_maintenance)"
    run_sql(connection, f"REVOKE {rights} ON hub.health_checks FROM hub_keep")
