"""The full-text index over cases, of each database's own kind (see shared/cases/search.py)"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE case_search USING fts5(who, what, "
            "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\", prefix='2 3 4')"
        )
        return
    op.execute(
        "CREATE TABLE case_search ("
        "case_id INTEGER PRIMARY KEY REFERENCES complaint_case(id) ON DELETE CASCADE, "
        "words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_case_search_words ON case_search USING gin (words)")


def downgrade() -> None:
    op.execute("DROP TABLE case_search")
