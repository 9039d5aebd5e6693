"""Deliveries: each way of an event settled by itself, routes per tenant, and what else a tenant decides.

Revision ID: 0004
Down revision: 0003
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and bring the functions to what they need."""
    connection = op.get_bind()
    run_sql(connection, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    make_definers(connection, revision)


def downgrade() -> None:
    """Take all of it back; an event that is on its way is sent again, to every channel."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "DROP POLICY deliver ON hub.integrations")
    run_sql(connection, "REVOKE SELECT (id, tenant_id, type, tags) ON hub.integrations FROM hub_deliver")
    run_sql(connection, "DROP TABLE hub.deliveries, hub.tenant_settings")
    run_sql(connection, "ALTER TABLE hub.outbox DROP COLUMN routed_at")
