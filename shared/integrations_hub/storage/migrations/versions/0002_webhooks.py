"""Inbound webhooks: what their deliveries are proven by, and which were received.

Revision ID: 0002
Down revision: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the functions that need them."""
    connection = op.get_bind()
    run_sql(connection, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    make_definers(connection, revision)


def downgrade() -> None:
    """Drop them: deliveries that were received are forgotten, and no webhook is proven any more."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "DROP TABLE hub.webhook_deliveries, hub.webhooks")
    run_sql(connection, "DROP POLICY ingress ON hub.integrations")
    run_sql(
        connection, "REVOKE SELECT (id, tenant_id, type, config_json, deleted_at) ON hub.integrations FROM hub_ingress"
    )
