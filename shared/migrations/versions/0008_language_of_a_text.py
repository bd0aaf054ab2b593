"""A text to start from has a language, so that a letter in Arabic does not begin in English"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("snippet") as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=12), nullable=False, server_default="en"))


def downgrade() -> None:
    with op.batch_alter_table("snippet") as batch_op:
        batch_op.drop_column("language")
