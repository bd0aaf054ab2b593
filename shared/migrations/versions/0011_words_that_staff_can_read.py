"""The first words of a case have a language of their own in a list: once translated, they stand there in English"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STORY = {
    "sqlite": "json_extract(state, '$.story.language')",
    "postgresql": "CAST(state AS json) -> 'story' ->> 'language'",
}


def upgrade() -> None:
    column = sa.Column("summary_language", sa.String(length=12), nullable=False, server_default="en")
    op.add_column("complaint_case", column)
    story = STORY[op.get_bind().dialect.name]
    op.execute(f"UPDATE complaint_case SET summary_language = coalesce({story}, 'en')")  # noqa: S608 - our own words


def downgrade() -> None:
    op.drop_column("complaint_case", "summary_language")
