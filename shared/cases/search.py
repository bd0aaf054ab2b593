"""Full text over every script behind one function: FTS5 and tsvector give the same hits.

Neither database cuts Chinese into words or folds Arabic letter variants, so text and query both go through
`normalise`, which leaves plain lower-case tokens that each database then only has to match.
"""

import re
import unicodedata

from sqlalchemy import Select, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from shared.db import Base
from shared.models import Case

# Letters that Unicode does not decompose but people type for one another.
_FOLD = str.maketrans(
    {
        "ł": "l",
        "ß": "ss",
        "ø": "o",
        "đ": "d",
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ی",
        "ہ": "ه",
        "ھ": "ه",
        "ۃ": "ه",
        "\u0640": None,  # Arabic tatweel
        "\u200c": " ",  # zero-width non-joiner, written or not at will in Persian
        "\u200d": None,
    }
)
_HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
# Combining accents go; Indic vowel signs are Mc or Mn too, but carry meaning: keep those.
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670]")
_WORD = re.compile(r"[^\W_]+(?:[\u0900-\u0dff]+[^\W_]*)*", re.UNICODE)


def normalise(words: str) -> str:
    """Lower-case tokens parted by single spaces: accents, Arabic and digits folded; Han letters apart."""
    folded = unicodedata.normalize("NFKD", words.casefold().translate(_FOLD)).translate(_FOLD)
    folded = _HAN.sub(r" \1 ", _MARKS.sub("", folded))
    digits = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and unicodedata.digit(c, None) is not None else c
        for c in folded
    )
    return " ".join(_WORD.findall(digits))


def phone_token(phone: str) -> str:
    """A phone number as one token in national form, so that any spacing or +44 finds it."""
    digits = re.sub(r"\D", "", phone)
    if digits.startswith("0044"):
        digits = digits[4:]
    elif digits.startswith("44") and len(digits) > 10:
        digits = digits[2:]
    return digits.lstrip("0")


def index(session: Session, case_id: int, words: str) -> None:
    """Put the words of one case into the index, replacing what stood there."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DELETE FROM case_search WHERE rowid = :id"), {"id": case_id})
        statement = "INSERT INTO case_search (rowid, words) VALUES (:id, :words)"
    else:
        statement = (
            "INSERT INTO case_search (case_id, words) VALUES (:id, to_tsvector('simple', :words)) "
            "ON CONFLICT (case_id) DO UPDATE SET words = excluded.words"
        )
    session.execute(text(statement), {"id": case_id, "words": normalise(words)})


def index_many(session: Session, rows: list[dict[str, object]]) -> None:
    """Index many new cases at once: dicts of `id` and already normalised `words`."""
    if session.get_bind().dialect.name == "sqlite":
        statement = "INSERT INTO case_search (rowid, words) VALUES (:id, :words)"
    else:
        statement = "INSERT INTO case_search (case_id, words) VALUES (:id, to_tsvector('simple', :words))"
    session.execute(text(statement), rows)


def matching(dialect: str, query: str) -> ColumnElement[bool] | None:
    """A condition on Case for the words of a query, or None when it holds no word.

    Every word must be there; the last one may be a beginning ("moul" finds mould). Words that only differ in
    spacing of Han letters are a phrase.
    """
    tokens = normalise(query).split()
    digits = phone_token(query) if re.fullmatch(r"[\d\s()+-]{7,}", query.strip()) else ""
    if digits:
        tokens = [digits]
    if not tokens:
        return None
    groups = _phrases(tokens)
    if dialect == "sqlite":
        parts = [f'"{" ".join(g)}"' for g in groups]
        if not _is_han(groups[-1][-1]):
            parts[-1] += "*"
        condition = text("complaint_case.id IN (SELECT rowid FROM case_search WHERE case_search MATCH :fts)")
        return condition.bindparams(fts=" AND ".join(parts))  # type: ignore[return-value]
    parts = [" <-> ".join(g) for g in groups]
    if not _is_han(groups[-1][-1]):
        parts[-1] += ":*"
    condition = text(
        "complaint_case.id IN (SELECT case_id FROM case_search WHERE words @@ to_tsquery('simple', :fts))"
    )
    return condition.bindparams(fts=" & ".join(parts))  # type: ignore[return-value]


def _is_han(token: str) -> bool:
    return bool(_HAN.match(token))


def _phrases(tokens: list[str]) -> list[list[str]]:
    """Runs of Han letters become one phrase, every other token stands alone."""
    groups: list[list[str]] = []
    for token in tokens:
        if groups and _is_han(token) and _is_han(groups[-1][-1]):
            groups[-1].append(token)
        else:
            groups.append([token])
    return groups


CREATE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS case_search "
        "USING fts5(words, tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS case_search ("
        "case_id INTEGER PRIMARY KEY REFERENCES complaint_case(id) ON DELETE CASCADE, "
        "words TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_case_search_words ON case_search USING gin (words)",
    ),
}


def create(connection: Connection) -> None:
    """Make the index table; called by the migration and by create_all in tests."""
    for statement in CREATE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _create_with_tables(_target: object, connection: Connection, **_: object) -> None:
    create(connection)


Query = Select[tuple[Case]]
