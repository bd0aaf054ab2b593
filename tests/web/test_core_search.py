"""What people type, stored and looked for: eight scripts, and texts made to break a database."""

import pytest
from flask import Flask

from shared.cases import commands as c
from shared.cases import service
from shared.cases.inbox import finding
from shared.cases.state import Person, Story
from tests.support import specimens
from tests.support.specimens import Play, complaint

# Each language: a story, words that find it as people write them elsewhere, words that do not.
SCRIPTS = {
    "en": ("The ceiling café leaks; it's mould!", ("CEILING", "cafe", "moul"), ("ceilings", "oul")),
    "pl": ("Wilgoć w łazience, nikt nie przyszedł", ("wilgoc", "LAZIENCE", "przyszedl"), ("kuchnia",)),
    "ar": ("يوجد عفن في غُرفة النوم", ("عفن", "غرفة", "النوم", "نوم"), ("مطبخ",)),
    "fa": ("سقف چکه می‌کند و کپک زده", ("می کند", "میکند", "كپك"), ("پنجره",)),
    "ur": ("چھت ٹپک رہی ہے", ("چھت", "ٹپک"), ("دیوار",)),
    "hi": ("छत से पानी टपक रहा है", ("पानी", "छत"), ("दीवार",)),
    "bn": ("ছাদ থেকে পানি পড়ছে", ("ছাদ", "পানি"), ("দেয়াল",)),
    "zh_Hant": ("天花板漏水，牆壁發霉", ("漏水", "發霉", "天花板漏水"), ("水漏", "窗戶")),
}


def told(what: str, name: str = "Amina") -> c.Submit:
    return complaint(story=Story(what=what), resident=Person(name=name, phone="01632 960 001"))


def test_a_whole_email_address_is_no_beginning_but_part_of_one_is(app: Flask) -> None:
    team = specimens.team()
    refs = {
        email: Play("halton", team).submits(complaint(resident=Person(name="Amina", email=email))).ref
        for email in ("amina@post.example", "amina@post.examplehouse.test")
    }
    found = {
        words: {hit.row.ref for hit in finding.find(team["olive"], words).hits}
        for words in ("amina@post.example", " AMINA@POST.EXAMPLE ", "amina@pos", "amina@post.example amin")
    }
    assert found["amina@post.example"] == found[" AMINA@POST.EXAMPLE "] == {refs["amina@post.example"]}
    assert found["amina@pos"] == set(refs.values())
    assert found["amina@post.example amin"] == {refs["amina@post.example"]}


def test_every_script_is_found_as_people_type_it(app: Flask) -> None:
    team = specimens.team()
    refs = {code: Play("halton", team).submits(told(story)).ref for code, (story, _, _) in SCRIPTS.items()}
    for code, (_story, finds, misses) in SCRIPTS.items():
        for words in finds:
            found = {hit.row.ref for hit in finding.find(team["olive"], words).hits}
            assert refs[code] in found, f"{words!r} does not find {code}"
        for words in misses:
            assert finding.find(team["olive"], words).hits == (), f"{words!r} finds something"


HOSTILE = (
    '"', "'", "\\", "*", "%", "_", "(((", "a:b", "mould AND", "AND OR NOT NEAR", "NEAR(mould damp, 5)", "^mould",
    "-mould", "{mould}", "mould:*", "!mould", "mould<->damp", "' OR 1=1 --", "x'; DROP TABLE case_search; --",
    "\x00", "mo\x00uld", "\ud800", "\u202emould", "🏚", "١٢٣", "a" * 100_000, " ".join(["mould"] * 5000), " ", "",
)  # fmt: skip


def test_nothing_that_is_typed_is_syntax(app: Flask) -> None:
    team = specimens.team()
    play = Play("halton", team).submits(told("Mould and damp."))
    for words in HOSTILE:
        finding.find(team["olive"], words)
    assert [hit.row.ref for hit in finding.find(team["olive"], "mould").hits] == [play.ref]


TEXTS = {
    "control characters": "a\x01\x02\x1b[31m\x7f mould",
    "turned around": "\u202eevil\u202c mould",
    "pictures": "🏚️ mould 👩‍👩‍👧",
    "quotes": "it's \"quoted\" \\ 'x':1 & | ! <-> mould",
    "a backslash that looks like a NUL": "C:\\u0000 mould",
    "a heap of accents": "m" + "\u0301" * 5000 + " mould",
    "a word without end": "x" * 1_000_000 + " mould",
    "words without end": " ".join(f"w{n}" for n in range(20_000)) + " mould",
}


@pytest.mark.parametrize("what", TEXTS)
def test_whatever_is_written_is_kept(app: Flask, what: str) -> None:
    team = specimens.team()
    play = Play("halton", team)
    play.submits(complaint(resident=None, anonymous=True, story=Story(what=TEXTS[what])))
    play.does("resident", c.Message(text=TEXTS[what][:10_000]))
    assert play.state.story.what == TEXTS[what]
    assert finding.find(team["olive"], play.ref).hits


@pytest.mark.parametrize("text", ["mould\x00", "\ud800"])
def test_what_no_database_keeps_is_refused_and_breaks_nothing(app: Flask, text: str) -> None:
    team = specimens.team()
    with pytest.raises(service.Refused):
        Play("halton", team).submits(told(text))
    play = Play("halton", team).submits(told("Mould."))
    with pytest.raises(service.Refused):
        play.does("olive", c.Note(text=text))
    assert play.row.version == 1
