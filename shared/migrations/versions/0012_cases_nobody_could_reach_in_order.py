"""Cases of messages that reached nobody are marked, so that their list is read in the order of its dates"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "complaint_case", sa.Column("undelivered", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        sa.text(
            "UPDATE complaint_case SET undelivered = :yes WHERE id IN "
            "(SELECT case_id FROM outbox WHERE status = 'failed' AND case_id IS NOT NULL)"
        ).bindparams(sa.bindparam("yes", True, type_=sa.Boolean()))
    )
    op.create_index(
        "ix_case_undelivered",
        "complaint_case",
        ["sort_on", "id"],
        sqlite_where=sa.text("undelivered IS 1"),
        postgresql_where=sa.text("undelivered IS true"),
    )


def downgrade() -> None:
    op.drop_index("ix_case_undelivered", table_name="complaint_case")
    op.drop_column("complaint_case", "undelivered")
