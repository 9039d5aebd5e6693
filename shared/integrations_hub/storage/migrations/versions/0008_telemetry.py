"""Events remember the trace they came of, and the worker may count what is there and what waits.

Revision ID: 0008
Down revision: 0007
"""

from __future__ import annotations

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers
from integrations_hub.storage.migrations.run import run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and bring the functions to what they need."""
    connection = op.get_bind()
    run_sql(connection, "ALTER TABLE hub.outbox ADD COLUMN traceparent text")
    run_sql(connection, "GRANT INSERT (traceparent) ON hub.outbox TO hub_api")
    make_definers(connection, revision)


def downgrade() -> None:
    """Take it back; events on their way lose their trace, and nothing else."""
    connection = op.get_bind()
    unmake_definers(connection, revision)
    run_sql(connection, "ALTER TABLE hub.outbox DROP COLUMN traceparent")
