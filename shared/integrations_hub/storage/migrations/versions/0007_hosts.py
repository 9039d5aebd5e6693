"""One alert where a host gives no connection to several integrations of a tenant.

Revision ID: 0007
Down revision: 0006
"""

from __future__ import annotations

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index that finds the alert which stands for a host, and bring the function to what it does."""
    connection = op.get_bind()
    run_sql(
        connection,
        "CREATE INDEX integration_health_alerts ON hub.integration_health (tenant_id, cause)"
        " WHERE alert_open AND cause IS NOT NULL",
    )
    make_definers(connection, revision)


def downgrade() -> None:
    """Take it back: each integration alerts for itself again."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "DROP INDEX hub.integration_health_alerts")
