"""Search: in every script, by anything that names a case, whatever is typed, and only what one may see."""

import pytest
from flask import Flask

from shared.cases import commands as c
from shared.cases import service
from shared.cases.inbox import finding, lists, search
from shared.identity.actors import Staff
from shared.vocab import Kind, Risk, Role
from tests.support.client import Client
from tests.support.staff import actor, colleague, complaint, ref_of, signed_in

STORIES = {
    "en": "Black mould grew on the bedroom ceiling after the leak; the café downstairs complained too",
    "ar": "يوجد عَفَنٌ أسود على جدار غرفة النوم، والطفلة تسعل في الليل بسبب الرطوبة",
    "fa": "نرده باغچه شکسته است و هیچ‌کس آن را درست نمی‌کند",
    "ur": "باورچی خانے کی چھت سے پانی ٹپک رہا ہے اور ہیٹنگ بند ہے",
    "bn": "রান্নাঘরের ছাদ থেকে পানি পড়ছে এবং দেয়ালে ছত্রাক হয়েছে",
    "hi": "रसोई की छत से पानी टपक रहा है और दीवार पर फफूंद है",
    "zh": "廚房漏水已經三個星期，牆上發霉",
    "pl": "Z sufitu w łazience od miesiąca kapie woda, a ściana jest mokra i zagrzybiona",
}

SEEKER = Staff(999_999, "Seeker", "seeker@landlord.example", frozenset({Role.OFFICER}))


@pytest.fixture
def stories(app: Flask) -> dict[str, str]:
    return {
        language: complaint(
            f"Person {language}", what, language=language, email=f"{language}@resident.example"
        )
        for language, what in STORIES.items()
    }


def found(words: str, status: str = "all") -> list[str]:
    return [hit.row.ref for hit in finding.find(SEEKER, words, status).hits]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "mould ceiling"),
        ("en", "MOULD"),
        ("en", "moul"),
        ("en", "cafe"),
        ("en", "CAFÉ leak"),
        ("ar", "عفن"),
        ("ar", "عفن أسود"),
        ("ar", "اسود"),
        ("ar", "رطوبة"),
        ("ar", "الرطوبه"),
        ("ar", "طفلة"),
        ("ar", "نوم"),
        ("fa", "نرده باغچه"),
        ("fa", "شكسته"),
        ("fa", "هیچکس"),
        ("fa", "هیچ کس"),
        ("fa", "نمی‌کند"),
        ("fa", "نميكند"),
        ("ur", "باورچی"),
        ("ur", "هيٹنگ"),
        ("ur", "چھت پانی"),
        ("bn", "ছত্রাক"),
        ("bn", "রান্নাঘরের"),
        ("bn", "রান্না"),
        ("hi", "फफूंद"),
        ("hi", "रसोई छत"),
        ("zh", "漏水"),
        ("zh", "發霉"),
        ("zh", "廚房 發霉"),
        ("zh", "三個星期"),
        ("pl", "łazience"),
        ("pl", "lazience"),
        ("pl", "ŚCIANA"),
        ("pl", "zagrzyb"),
    ],
)
def test_words_in_every_script_find_their_case(stories: dict[str, str], language: str, words: str) -> None:
    assert found(words) == [stories[language]]


@pytest.mark.parametrize(
    "words", ["水漏", "房水已", "ছত্র পড়ছে না", "mould garden", "lazienka x", "بيتزا", "ceilings"]
)
def test_words_that_are_not_there_find_nothing(stories: dict[str, str], words: str) -> None:
    assert found(words) == []


@pytest.fixture
def mina(app: Flask) -> str:
    complaint(
        "Somebody Else", phone="01632 960 777", postcode="M1 1AA", email="else@x.example", address=("1 Way",)
    )
    return complaint(
        "Mína O'Brien-Rahman",
        "The lift",
        phone="+44 (0)7700 900 982",
        postcode="wa80td",
        email="mina.rahman+home@resident.example",
        address=("Flat 4B, Elm Court", "Widnes"),
    )


@pytest.mark.parametrize(
    "words",
    [
        "07700 900982",
        "07700900982",
        "0 7 7 0 0 9 0 0 9 8 2",
        "+447700900982",
        "0044 7700 900 982",
        "(07700) 900-982",
        "07700.900.982",
        "٠٧٧٠٠٩٠٠٩٨٢",
        "mina 07700 900 982",
        "mina",
        "MINA RAHMAN",
        "o'brien",
        "O’Brien Rahman",
        "WA8 0TD",
        "wa80td",
        "WA8",
        "Rahman wa8  0td",
        "elm court",
        "flat 4b",
        "mina.rahman+home@resident.example",
        "MINA.RAHMAN+HOME@RESIDENT.EXAMPLE",
        "widnes lift",
    ],
)
def test_a_person_is_found_by_anything_that_names_her(mina: str, words: str) -> None:
    assert found(words) == [mina]


def test_a_reference_is_found_in_any_spacing(mina: str) -> None:
    prefix, year, number, check = mina.split("-")
    plain = mina.replace("-", "")
    ways = [mina, mina.lower(), mina.replace("-", " "), plain, f"{prefix} {year} {int(number)} {check}"]
    arabic = mina.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for way in [*ways, f"  {mina}  ", mina.replace("-", "/"), arabic]:
        assert found(way) == [mina], way


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "'",
        '"mould',
        "mould AND",
        "AND",
        "OR NOT NEAR",
        "*",
        "mould*",
        "* mould",
        "^mould",
        "who:mould",
        "mould -leak",
        "(mould",
        "mould)",
        "a & b | !c",
        "<-> :*",
        "\\",
        "%",
        "_",
        "';DROP TABLE case_search;--",
        "\x00",
        "mould\x00leak",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "é" * 500,
        "mould " * 400,
        "1" * 400,
        "\u202e\u200f\u200c",
        "ا" * 300,
        "\n\t",
        "½ ² ①",
        "ﷺ",
        "-",
        "🏠 mould",
    ],
)
def test_whatever_is_typed_the_page_answers(app: Flask, words: str) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    complaint(what=STORIES["en"])
    assert client.page("/staff/search?" + _query(q=words)).h1 == "Search"


def _query(**words: str) -> str:
    from urllib.parse import urlencode

    return urlencode(words)


@pytest.mark.parametrize(
    "words", ['"mould"', "mould AND leak", "mould*", "(mould)", "mould, leak!", "mould\x00leak"]
)
def test_marks_are_no_syntax(app: Flask, words: str) -> None:
    ref = complaint(what="mould and a leak")
    assert found(words) == [ref]


def test_what_somebody_is_called_counts_more_than_what_somebody_wrote(app: Flask) -> None:
    wrote = complaint("Somebody", "Barker Street is noisy, Barker Street stinks, nobody sweeps Barker Street")
    called = complaint("Tom Barker", "The lift")
    assert found("barker") == [called, wrote]


def test_open_and_closed_can_be_searched_apart(app: Flask) -> None:
    officer = colleague(Role.OFFICER)
    ref, done = complaint("Open", "mould"), complaint("Done", "mould")
    service.perform(done, c.Triage(kind=Kind.COMPLIMENT, risk=Risk.ROUTINE, note="Agreed"), actor(officer))
    assert found("mould", "open") == [ref]
    assert found("mould", "closed") == [done]
    assert set(found("mould")) == {ref, done}


def test_later_words_and_tags_are_found_too_and_old_addresses_no_more(app: Flask) -> None:
    officer = colleague(Role.OFFICER)
    ref = complaint("Mina", "The lift")
    service.perform(ref, c.Tag(add=("asbestos survey",)), actor(officer))
    assert found("asbestos") == [ref]
    service.perform(ref, c.Tag(remove=("asbestos survey",)), actor(officer))
    assert found("asbestos") == []


def test_the_words_are_shown_in_place_and_nothing_typed_becomes_markup(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    long = "word " * 60 + "<script>alert(1)</script> the MOULD is back " + "more " * 60
    complaint(what=long)
    page = client.page("/staff/search?q=script+moul")
    assert [m.get_text() for m in page.all("mark")] == ["script", "script", "MOULD"]
    assert "<script>alert(1)</script>" in page.one(".app-found").get_text()
    assert page.one(".app-found").get_text().startswith("… ")


def test_the_place_is_found_in_every_script() -> None:
    for language, words, marked in (
        ("ar", "اسود رطوبه", ["أسود", "الرطوبة"]),
        ("zh", "漏水", ["漏水"]),
        ("hi", "फफू", ["फफूंद"]),
        ("bn", "ছত্রাক", ["ছত্রাক"]),
        ("fa", "هیچکس", ["هیچ‌کس"]),
        ("pl", "lazience sciana", ["łazience", "ściana"]),
    ):
        asked = search.ask(words)
        assert asked is not None
        pieces = search.in_place([STORIES[language]], asked)
        assert [piece.text for piece in pieces if piece.hit] == marked, language
        assert "".join(piece.text for piece in pieces).strip("… ") in STORIES[language]


def test_search_pages_lead_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    client, _ = signed_in(app, Role.OFFICER)
    refs = {complaint(f"P{n}", "mould") for n in range(5)}
    page = client.page("/staff/search?q=mould")
    seen = [a.get_text() for a in page.all(".app-row__ref a")]
    while nexts := page.all('a[rel="next"]'):
        page = client.page(str(nexts[0]["href"]))
        seen += [a.get_text() for a in page.all(".app-row__ref a")]
    assert len(seen) == 5
    assert set(seen) == refs
    for odd in ("0", "-1", "x", "99999", "٣", ""):
        client.page(f"/staff/search?q=mould&page={odd}&status={odd}")


def test_nobody_finds_what_is_not_theirs(app: Flask) -> None:
    ref = complaint("Mina Rahman", "mould")
    officer = colleague(Role.OFFICER)
    service.perform(ref, c.DeclareConflict(staff=ref_of(officer), reason="Her brother"), actor(officer))
    assert finding.find(actor(officer), ref).hits == ()
    assert finding.find(actor(colleague(Role.COLLEAGUE)), "mould").hits == ()
    assert finding.find(actor(colleague(Role.ADMIN)), "mould").hits == ()


def test_the_box_is_reached_from_every_page_by_the_same_address(app: Flask, client: Client) -> None:
    client, _ = signed_in(app, Role.HANDLER)
    link = client.page("/staff/inbox").one("[data-search]")
    assert link["href"] == "/staff/search"
    assert link["aria-keyshortcuts"] == "Control+K Meta+K"
    assert client.page("/staff/search").one("[data-search-box]")["name"] == "q"


def test_what_somebody_translated_is_found_and_read_in_english(app: Flask, stories: dict[str, str]) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    ref = stories["ur"]
    english = "Water drips from the kitchen ceiling"
    command = c.Translate(of="story", text=english, language="en", translator="Zara")
    service.perform(ref, command, actor(officer))
    assert found("drips kitchen") == [ref]
    assert ref in found("باورچی خانے"), "and by her own words as before"
    (row,) = [one for one in client.page("/staff/inbox?tab=all-open").all(".app-row") if ref in str(one)]
    shown = row.select(".app-row__words")[0]
    assert (shown.get_text(), shown.get("lang")) == (english, None)
    case = client.page(f"/staff/cases/{ref}")
    assert english in case.one(".govuk-body-l").get_text()
    beside = client.page(f"/staff/cases/{ref}/note").one("#_case_said").get_text(" ")
    assert english in beside
    assert STORIES["ur"] in beside
