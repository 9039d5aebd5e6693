"""What is known of credentials, rotations noticed, and incidents: one alert where many failures have one cause.

Revision ID: 0003
Down revision: 0002
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = ("certificate_ends_at", "secret_revision", "look_at", "endings_told", "cause")


def upgrade() -> None:
    """Add columns and the table, and bring the functions to what they need."""
    connection = op.get_bind()
    run_sql(connection, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    make_definers(connection, revision)


def downgrade() -> None:
    """Take all of it back; open incidents are forgotten, and each integration tells of itself again."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "DROP TABLE hub.incidents")
    dropped = ", ".join(f"DROP COLUMN {column}" for column in _COLUMNS)
    run_sql(connection, f"ALTER TABLE hub.integration_health {dropped}")
    run_sql(connection, "REVOKE UPDATE (next_check_at) ON hub.integration_health FROM hub_claim")
    rights = "SELECT (credential_rotated_at), UPDATE (credential_rotated_at)"
    run_sql(connection, f"REVOKE {rights} ON hub.integrations FROM hub_record")
