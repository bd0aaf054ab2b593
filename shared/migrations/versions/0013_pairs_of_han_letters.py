"""Two Han letters that stand together are found as one word: added to the texts that are indexed already"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MARK = "\ue000"  # before the tokens of people and homes
HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
PLACED = re.compile(rf"'({MARK}?)({HAN})':([\d,]+)")  # as PostgreSQL writes a token and its places
BATCH = 500


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        found = connection.execute(sa.text("SELECT rowid, who, what FROM case_search")).all()
        for number, who, what in found:
            more_who, more = _beside(who.split()), _beside(what.split())
            if more_who or more:
                connection.execute(
                    sa.text("UPDATE case_search SET who = :who, what = :what WHERE rowid = :number"),
                    {
                        "number": number,
                        "who": " ".join([who, *more_who]),
                        "what": " ".join([what, *more]),
                    },
                )
        return
    last = 0
    query = sa.text(
        "SELECT case_id, words::text FROM case_search WHERE case_id > :last ORDER BY case_id LIMIT :batch"
    )
    while found := connection.execute(query, {"last": last, "batch": BATCH}).all():
        for number, words in found:
            last = number
            if more := _in_places(words):
                connection.execute(
                    sa.text(
                        "UPDATE case_search SET words = words || array_to_tsvector(CAST(:more AS text[])) "
                        "WHERE case_id = :number"
                    ),
                    {"number": number, "more": more},
                )


def downgrade() -> None:
    """The pairs may stay: nothing looks for them."""


def _beside(tokens: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for one, other in pairwise(tokens):
        marks = {one.startswith(MARK), other.startswith(MARK)}
        first, second = one.removeprefix(MARK), other.removeprefix(MARK)
        if len(marks) == 1 and re.fullmatch(HAN, first) and re.fullmatch(HAN, second):
            found[(MARK if True in marks else "") + first + second] = None
    return list(found)


def _in_places(words: str) -> list[str]:
    at: dict[int, str] = {}
    for mark, letter, places in PLACED.findall(words):
        at |= dict.fromkeys(_numbers(places), mark + letter)
    return sorted({pair for place in at if place + 1 in at for pair in _beside([at[place], at[place + 1]])})


def _numbers(places: str) -> Iterable[int]:
    return (int(place) for place in places.split(",") if place)
