"""Residents' sessions are rows, as those of staff are, so that signing out ends them everywhere"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "resident_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["complaint_case.id"], name=op.f("fk_resident_session_case_id_complaint_case")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_resident_session")),
    )
    op.create_index(op.f("ix_resident_session_case_id_person"), "resident_session", ["case_id", "person"])
    op.create_index(op.f("ix_resident_session_expires_at"), "resident_session", ["expires_at"])


def downgrade() -> None:
    op.drop_table("resident_session")
