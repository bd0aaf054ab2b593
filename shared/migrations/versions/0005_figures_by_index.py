"""What the dashboard counts stands in the indexes whole, so that no case has to be read for it"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE = {
    "ix_case_due": ["is_open", "sort_on", "id"],
    "ix_case_holder_due": ["holder_id", "is_open", "sort_on", "id"],
    "ix_case_kind_received": ["kind", "received_on", "is_open"],
}
NOW = {
    "ix_case_due": ["is_open", "sort_on", "id", "next_due_on", "next_due"],
    "ix_case_holder_due": ["is_open", "holder_id", "sort_on", "id"],
    "ix_case_kind_received": ["kind", "received_on", "is_open", "merged_into"],
}


def upgrade() -> None:
    _replace(NOW)


def downgrade() -> None:
    _replace(BEFORE)


def _replace(indexes: dict[str, list[str]]) -> None:
    for name, columns in indexes.items():
        op.drop_index(name, table_name="complaint_case")
        op.create_index(name, "complaint_case", columns, unique=False)
