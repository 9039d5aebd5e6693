"""Providers that asked to be left alone are, by every integration of the same host and credential; leases handed on.

Revision ID: 0006
Down revision: 0005
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and bring the functions to what they need."""
    connection = op.get_bind()
    run_sql(connection, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    make_definers(connection, revision)


def downgrade() -> None:
    """Take it back; what providers asked for lately is remembered by the integration it was said to alone."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "DROP TABLE hub.rests")
    run_sql(connection, "REVOKE SELECT (auth_ref_uri) ON hub.integrations FROM hub_record")
    run_sql(connection, "REVOKE UPDATE (retry_after_until, stale_at) ON hub.integration_health FROM hub_claim")
