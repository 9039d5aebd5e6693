"""What is recorded while another worker claims is not claimed again.

Revision ID: 0009
Down revision: 0008
"""

from __future__ import annotations

from alembic import op

from integrations_hub.storage.migrations.definers import make_definers, unmake_definers

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the claim to its new form."""
    make_definers(op.get_bind(), revision)


def downgrade() -> None:
    """Take it back; a check more now and then is all that is lost."""
    unmake_definers(op.get_bind(), revision)
