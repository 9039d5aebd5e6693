"""What is claimed ahead of its time is not held to the caps of what is due; causes are counted, and group alerts.

Revision ID: 0010
Down revision: 0009
"""

from __future__ import annotations

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the claim to its new form, add the count of who fails by a cause, group alerts by secrets, too."""
    make_definers(op.get_bind(), revision)


def downgrade() -> None:
    """Take it back: a queue that looks ahead sends no more than the caps a minute again."""
    unmake_definers(op.get_bind(), revision)
