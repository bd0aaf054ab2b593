"""Full text over every script behind one function: FTS5 and tsvector give the same hits.

Neither database cuts Chinese into words or folds Arabic letter variants, and each has its own idea of what a
word is. So texts and queries both become plain tokens (search_tokens.py), and the databases only match them: a
query is built from tokens alone, and nothing that somebody types is read as syntax. What is best is decided here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, column, event, select, table, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from shared.cases.inbox.search_tokens import (
    HAN,
    NON_JOINER,
    index_tokens,
    pairs,
    phone_token,
    plain,
    tokens_of,
)
from shared.db import Base
from shared.identity import tokens as references

_POSTCODE = re.compile(r"\b([A-Za-z]{1,2}\d[A-Za-z\d]?)\s*(\d[A-Za-z]{2})\b")
_EMAIL = re.compile(r"\S+@\S+\.\w{2,}$")
_PHONE = re.compile(r"[+(]?\d[\d\s().+/-]{5,}\d")

LONGEST_QUERY = 200  # characters; more would be no search but a paste
MOST_TOKENS = 12
WHO = "\ue000"  # before a token of `who`; nobody types it, and no tokenizer drops it
MOST_POSITIONS = 16_000  # PostgreSQL counts no further within one text


@dataclass(frozen=True, slots=True)
class Words:
    """What a case is found by: `who` (reference, people, homes, numbers) comes before `what` (stories)."""

    who: str
    what: str


# The index --------------------------------------------------------------------------------------------------


def index(session: Session, case_id: int, words: Words) -> None:
    """Put the words of one case into the index, replacing what stood there."""
    key = "rowid" if session.get_bind().dialect.name == "sqlite" else "case_id"
    session.execute(text(f"DELETE FROM case_search WHERE {key} = :id"), {"id": case_id})  # noqa: S608
    index_many(session, [(case_id, words)])


def index_many(session: Session, cases: Iterable[tuple[int, Words]]) -> None:
    """Index many cases that are not in the index yet."""
    write(session, [(number, index_tokens(w.who), index_tokens(w.what)) for number, w in cases])


def write(session: Session, cases: Iterable[tuple[int, list[str], list[str]]]) -> None:
    """Put new cases into the index: number, tokens of `who`, tokens of `what`."""
    if session.get_bind().dialect.name == "sqlite":
        statement = "INSERT INTO case_search (rowid, who, what) VALUES (:id, :who, :what)"
        rows = [{"id": i, "who": " ".join(_marked(who)), "what": " ".join(what)} for i, who, what in cases]
    else:
        statement = "INSERT INTO case_search (case_id, words) VALUES (:id, CAST(:words AS tsvector))"
        rows = [{"id": i, "words": _tsvector(_marked(who), what)} for i, who, what in cases]
    if rows:
        session.execute(text(statement), rows)


def _marked(who: list[str]) -> list[str]:
    """The tokens of `who`, and each once more as a word of its own kind.

    So a name is looked up among names alone: neither database has to go through all the stories that hold the
    same word to find that nobody is called so.
    """
    return who + [WHO + token for token in who]


def _tsvector(who: list[str], what: list[str]) -> str:
    """The tokens with their positions, so that PostgreSQL's own parser has no say."""
    places: dict[str, list[str]] = {}
    position = 0
    for part in (who, what):
        for token in part:
            position += 1
            if position > MOST_POSITIONS:
                break
            places.setdefault(token[:200], []).append(str(position))
        position += 5  # so that no phrase runs from one part into the other
    return " ".join(f"'{token}':{','.join(at[:50])}" for token, at in places.items())


# The query --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as groups of tokens: all must be there, each as a phrase; the last may be a beginning.

    `among_who`: only in what a case is about (reference, people, homes, numbers).
    """

    groups: tuple[tuple[str, ...], ...]
    open_end: bool
    among_who: bool = False

    @property
    def fts(self) -> str:
        """As FTS5 reads it."""
        parts = [f'"{" ".join(group)}"' for group in self._tokens()]
        return " AND ".join(parts) + ("*" if self.open_end else "")

    @property
    def tsquery(self) -> str:
        """As PostgreSQL reads it."""
        groups = [[f"'{token[:200]}'" for token in group] for group in self._tokens()]
        if self.open_end:
            groups[-1][-1] += ":*"
        return " & ".join(f"({' <-> '.join(group)})" for group in groups)

    def _tokens(self) -> list[list[str]]:
        """The pairs of a phrase of Han letters go first: few cases hold them, only those are read for the rest."""
        mark = WHO if self.among_who else ""
        found: list[Sequence[str]] = []
        for group in self.groups:
            beside = pairs(group)
            found += [(pair,) for pair in beside]
            if len(beside) != 1:  # a single pair says it all
                found.append(group)
        return [[mark + token for token in group] for group in found]


def ask(query: str) -> Asked | None:
    """What somebody typed, as something to look for; None when it holds no word.

    A reference in any spacing is made whole, a telephone number is one word, so is a postcode. The last word
    may be a beginning: "moul" finds mould. Han letters that stand together are a phrase.
    """
    query = query[:LONGEST_QUERY].replace("\x00", " ")
    if reference := references.parse_reference(query):
        return Asked((tuple(tokens_of(reference)),), open_end=False)
    groups: list[tuple[str, ...]] = []
    rest = _POSTCODE.sub(lambda m: f" {m[1]}{m[2]} ", plain(query.replace(NON_JOINER, " ")))
    for found in _PHONE.findall(rest):
        digits = phone_token(found)
        if len(digits) >= 6:
            groups.append((digits,))
            rest = rest.replace(found, " ", 1)
    words: list[tuple[str, ...]] = []
    for part in rest.split():
        together = False
        for token in tokens_of(part):
            if together and _is_han(token) and _is_han(words[-1][-1]):
                words[-1] = (*words[-1], token)
            else:
                words.append((token,))
            together = True
    found_groups = tuple((groups + words)[:MOST_TOKENS])
    if not found_groups:
        return None
    last = found_groups[-1][-1]
    # One letter of an alphabet begins so many words that it would find nearly everything. A whole e-mail address
    # is the beginning of nothing, and ends as nearly every address does.
    return Asked(
        found_groups, open_end=not _is_han(last) and len(last) > 1 and not _EMAIL.search(query.strip())
    )


def _is_han(token: str) -> bool:
    return bool(HAN.match(token))


INDEX = table("case_search", column("rowid", Integer), column("case_id", Integer))  # one of the two
Narrowed = Callable[[ColumnElement[int]], Sequence[ColumnElement[bool]]]


def newest(session: Session, asked: Asked, most: int, narrowed: Narrowed = lambda case_id: ()) -> list[int]:
    """The numbers of the newest cases that hold what was asked, at most so many.

    `narrowed` gives further conditions on the number of a case. Reads no further than it has to, so that a
    word in every other case costs what a rare one does.
    """
    dialect = session.get_bind().dialect.name
    case_id = INDEX.c.rowid if dialect == "sqlite" else INDEX.c.case_id
    if dialect == "sqlite":
        holds = text("case_search MATCH :asked").bindparams(asked=asked.fts)
    else:
        holds = text("words @@ CAST(:asked AS tsquery)").bindparams(asked=asked.tsquery)
    query = select(case_id).select_from(INDEX).where(holds, *narrowed(case_id))
    return list(session.scalars(query.order_by(case_id.desc()).limit(most)))


def best(session: Session, asked: Asked, most: int, narrowed: Narrowed = lambda case_id: ()) -> list[int]:
    """The numbers of the cases that hold what was asked, the best first, at most so many.

    Cases about a person, home or number of these words come before those whose stories hold them, whole words
    before beginnings, and the newest first among equals: the same order on both databases.
    """
    found: dict[int, None] = {}
    for among_who in (True, False):
        for open_end in (False, True)[: 1 + asked.open_end]:
            way = replace(asked, among_who=among_who, open_end=open_end)
            found.update(dict.fromkeys(newest(session, way, most, narrowed)))
            if len(found) >= most:
                return list(found)[:most]
    return list(found)


# Showing the words in place ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text as it was written; `hit` when it is what was looked for."""

    text: str
    hit: bool


AROUND = 80  # characters shown on each side of the first hit
_SPAN = re.compile(r"[^\W_]+(?:[\u0900-\u0dff\u064b-\u065f\u0300-\u036f\u200c]+[^\W_]*)*", re.UNICODE)


def in_place(texts: Sequence[str], asked: Asked) -> tuple[Piece, ...]:
    """The place in these texts (the most telling first) where most of the words stand, with each marked.

    Empty when none of them does: then it was found by something else, such as a telephone number.
    """
    best: tuple[int, str, list[tuple[int, int]]] = (0, "", [])
    for one in texts:
        spans, kinds = _hits(one, asked)
        if len(kinds) > best[0]:
            best = (len(kinds), one, spans)
    number, chosen, spans = best
    return _cut(chosen, spans) if number else ()


def _hits(shown: str, asked: Asked) -> tuple[list[tuple[int, int]], set[int]]:
    """Where the groups stand in a text, and which of them do."""
    places: list[tuple[str, int, int]] = []
    for word in _SPAN.finditer(shown):
        if HAN.search(word[0]):
            places += [(t, i, i + 1) for i, c in enumerate(word[0], word.start()) if (t := plain(c))]
        else:
            places += [(t, word.start(), word.end()) for t in index_tokens(word[0])]
    spans, kinds = [], set()
    for number, group in enumerate(asked.groups):
        open_end = asked.open_end and number == len(asked.groups) - 1
        for at in range(len(places) - len(group) + 1):
            run = places[at : at + len(group)]
            same = all(place[0] == token for place, token in zip(run[:-1], group[:-1], strict=True))
            last = run[-1][0].startswith(group[-1]) if open_end else run[-1][0] == group[-1]
            if same and last:
                spans.append((run[0][1], run[-1][2]))
                kinds.add(number)
    return sorted(set(spans)), kinds


def _cut(shown: str, spans: list[tuple[int, int]]) -> tuple[Piece, ...]:
    begin, end = max(0, spans[0][0] - AROUND), min(len(shown), spans[0][1] + 2 * AROUND)
    if begin:
        begin = shown.rfind(" ", 0, begin) + 1 or begin
    if end < len(shown):
        end = found if (found := shown.find(" ", end)) != -1 and found - end < AROUND else end
    pieces: list[Piece] = [Piece("… ", False)] if begin else []
    at = begin
    for start, stop in spans:
        if start < at or stop > end:
            continue
        pieces += [Piece(shown[at:start], False), Piece(shown[start:stop], True)]
        at = stop
    pieces.append(Piece(shown[at:end] + (" …" if end < len(shown) else ""), False))
    return tuple(piece for piece in pieces if piece.text)


# The table --------------------------------------------------------------------------------------------------

WORDS = "ix_case_search_words"
CREATE: dict[str, Sequence[str]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS case_search USING fts5(who, what, "
        "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\", prefix='2 3 4')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS case_search ("
        "case_id INTEGER PRIMARY KEY REFERENCES complaint_case(id) ON DELETE CASCADE, "
        "words TSVECTOR NOT NULL)",
        f"CREATE INDEX IF NOT EXISTS {WORDS} ON case_search USING gin (words)",
    ),
}


def create(connection: Connection) -> None:
    """Make the index table; called by create_all in tests. The migration holds its own copy for ever."""
    for statement in CREATE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _create_with_tables(_target: object, connection: Connection, **_: Any) -> None:
    create(connection)
