"""Openings of cases, presence, tasks, mentions, delegations, snippets; what a provider says of a message"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "snippet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snippet")),
        sa.UniqueConstraint("title", name=op.f("uq_snippet_title")),
    )
    op.create_table(
        "case_mention",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"], name=op.f("fk_case_mention_case_id")),
        sa.PrimaryKeyConstraint("staff_id", "case_id", "seq", name=op.f("pk_case_mention")),
    )
    with op.batch_alter_table("case_mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_mention_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.String(length=200), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"], name=op.f("fk_case_opening_case_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"], name=op.f("fk_case_opening_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_opening")),
    )
    with op.batch_alter_table("case_opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_opening_case_id_id"), ["case_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_opening_staff_id_id"), ["staff_id", "id"], unique=False)

    op.create_table(
        "case_task",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"], name=op.f("fk_case_task_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_case_task")),
    )
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_task_owner_id_done_on_due_on"),
            ["owner_id", "done_on", "due_on"],
            unique=False,
        )

    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["staff_account.id"], name=op.f("fk_delegation_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["staff_account.id"], name=op.f("fk_delegation_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delegation_from_id_until_on"), ["from_id", "until_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_delegation_to_id_until_on"), ["to_id", "until_on"], unique=False)

    op.create_table(
        "presence",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("writing", sa.String(length=30), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"], name=op.f("fk_presence_case_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"], name=op.f("fk_presence_staff_id")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_presence")),
    )
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_seen_at"), ["seen_at"], unique=False)

    with op.batch_alter_table("complaint_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.String(length=24), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remote_id", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("remote_status", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_remote_id"), ["remote_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_remote_id"))
        batch_op.drop_column("remote_status")
        batch_op.drop_column("remote_id")

    with op.batch_alter_table("complaint_case", schema=None) as batch_op:
        batch_op.drop_column("merged_into")

    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presence_seen_at"))

    op.drop_table("presence")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_to_id_until_on"))
        batch_op.drop_index(batch_op.f("ix_delegation_from_id_until_on"))

    op.drop_table("delegation")
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_task_owner_id_done_on_due_on"))

    op.drop_table("case_task")
    with op.batch_alter_table("case_opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_opening_staff_id_id"))
        batch_op.drop_index(batch_op.f("ix_case_opening_case_id_id"))

    op.drop_table("case_opening")
    with op.batch_alter_table("case_mention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_mention_case_id"))

    op.drop_table("case_mention")
    op.drop_table("snippet")
