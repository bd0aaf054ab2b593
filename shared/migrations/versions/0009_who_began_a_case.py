"""An index of first events by who made them: what a colleague logged is found at any size"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FIRST = sa.text("seq = 1")


def upgrade() -> None:
    op.create_index(
        "ix_case_event_begun", "case_event", ["actor", "id"], sqlite_where=FIRST, postgresql_where=FIRST
    )


def downgrade() -> None:
    op.drop_index("ix_case_event_begun", table_name="case_event")
