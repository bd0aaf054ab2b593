"""Who has a part in a case, so that those who see no other case find theirs"""

import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BATCH = 1_000


def upgrade() -> None:
    table = op.create_table(
        "case_part",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"], name=op.f("fk_case_part_case_id")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_case_part")),
    )
    with op.batch_alter_table("case_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_part_staff_id"), ["staff_id"], unique=False)
    case = sa.table("complaint_case", sa.column("id", sa.Integer()), sa.column("state", sa.Text()))
    connection, last = op.get_bind(), 0
    while True:
        query = sa.select(case.c.id, case.c.state).where(case.c.id > last).order_by(case.c.id).limit(BATCH)
        found = connection.execute(query).all()
        if not found:
            return
        last = found[-1][0]
        rows = [{"staff_id": n, "case_id": i} for i, state in found for n in sorted(set(_parts(state)))]
        if rows:
            connection.execute(table.insert(), rows)


def _parts(text: str) -> Iterator[int]:
    """As shared/cases/sight.py had it when this was written."""
    state = json.loads(text)
    owners = [one.get("owner_id") for name in ("commitments", "tasks") for one in state.get(name) or ()]
    checks = [one.get("by_id") for one in state.get("checks") or ()]
    people = [(state.get(name) or {}).get("id") for name in ("handler", "reviewer")]
    yield from (number for number in (*owners, *checks, *people) if number)


def downgrade() -> None:
    with op.batch_alter_table("case_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_part_staff_id"))
    op.drop_table("case_part")
