"""The inbox: what stands in each list, in what order, for whom, and how much it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from shared import clock
from shared.cases import commands as c
from shared.cases import service
from shared.cases.inbox import finding, lists
from shared.cases.state import Consent, Need, Person
from shared.db import db
from shared.letters.facts import Words
from shared.vocab import Channel, ConsentScope, Kind, Risk, Role
from tests.support.checks import words
from tests.support.client import Client, Page
from tests.support.staff import actor, allocate, colleague, complaint, ref_of, signed_in


@contextmanager
def counted() -> Iterator[list[str]]:
    """The queries of the block."""
    found: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA", "SAVEPOINT", "RELEASE")):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def refs(page: Page) -> list[str]:
    return [str(a.get_text()) for a in page.all(".app-row__ref a")]


def tab(client: Client, name: str) -> list[str]:
    return refs(client.page(f"/staff/inbox?tab={name}"))


def test_a_row_says_everything_in_words(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    ref = complaint("Mina Rahman", "Mould", needs=(Need(code="large_print"),), language="ur")
    page = client.page("/staff/inbox?tab=to-triage")
    words = " ".join(page.one(".app-row").get_text(" ").split())
    for said in (
        ref,
        "Mina Rahman",
        "4 Elm Court",
        "Acknowledge",
        "Due ",
        "working days",
        "Large print",
        "Urdu",
    ):
        assert said in words, said
    assert "To translate" in words
    assert "Nobody yet" in words
    assert page.link(ref) == f"/staff/cases/{ref}?list=tab%3Dto-triage"
    assert page.h1 == "Inbox: To triage"


def test_each_list_holds_what_its_name_says(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER, Role.HANDLER)
    me = actor(officer)
    new = complaint("A New")
    triaged = complaint("B Triaged")
    service.perform(triaged, c.Triage(kind=Kind.COMPLAINT, risk=Risk.URGENT), me)
    mine = complaint("C Mine")
    allocate(mine, officer, officer)
    late = complaint("E Late", received_at=clock.now() - timedelta(days=60))
    urdu = complaint("F Urdu", language="ur")
    translated = complaint("G Urdu", language="ur")
    service.perform(translated, c.Translate(of="story", text="Mould", language="en", translator="Z"), me)
    helped = complaint("H Helped", helper=Person(name="Sam", email="sam@helper.example"))
    told = complaint(
        "I Told",
        helper=Person(name="Sam", email="sam@helper.example"),
        consent=Consent(scope=ConsentScope.EVERYTHING),
    )
    promised = complaint("J Promised")
    service.perform(
        promised,
        c.Commit(
            text=Words("We will paint it"), owner=ref_of(officer), due_on=clock.today() + timedelta(days=3)
        ),
        me,
    )
    thanked = complaint("K Thanks")
    service.perform(thanked, c.Triage(kind=Kind.COMPLIMENT, risk=Risk.ROUTINE, note="She agrees"), me)

    everything = {new, triaged, mine, late, urdu, translated, helped, told, promised}
    assert set(tab(client, "all-open")) == everything
    assert set(tab(client, "closed")) == {thanked}
    assert set(tab(client, "to-triage")) == everything - {triaged}
    assert set(tab(client, "to-acknowledge")) == everything
    assert tab(client, "my-work") == [mine]
    assert set(tab(client, "unassigned")) == everything - {mine}
    assert tab(client, "overdue") == [late]
    assert tab(client, "silent") == [late]
    assert tab(client, "awaiting-translation") == [urdu]
    assert tab(client, "awaiting-consent") == [helped]
    assert tab(client, "promised") == [promised]
    assert set(tab(client, "unread")) >= {new, urdu, helped}
    assert triaged not in tab(client, "unread")
    assert mine in tab(client, "unread"), "naming a handler is not reading"
    assert tab(client, "all-open")[0] == late, "the soonest due comes first"
    assert tab(client, "stage-2") == []


def test_a_case_leads_back_to_the_page_of_the_list_or_the_search_that_it_was_opened_from(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    client, _ = signed_in(app, Role.OFFICER)
    for name in ("Amina", "Bill"):
        complaint(name)
    second = client.page(
        str(client.page("/staff/inbox?tab=all-open&language=en").one('a[rel="next"]')["href"])
    )
    (ref,) = refs(second)
    case = client.page(second.link(ref))
    assert case.one(".govuk-back-link")["href"] == second.url, "not to its first page"
    note = client.send(client.page(case.link("Add an internal note")), {"text": "Rang"}, form="#act")
    assert client.page(note.url).one(".govuk-back-link")["href"] == second.url
    found = client.page("/staff/search?q=Bill&status=open")
    case = client.page(found.link(refs(found)[0]))
    assert str(case.one(".govuk-back-link")["href"]).startswith("/staff/search?q=Bill&status=open")
    assert "Save and open next" not in client.page(case.link("Add an internal note")).text


def test_tabs_count_up_to_a_hundred_and_no_further(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNT_CAP", 2)
    client, _ = signed_in(app, Role.OFFICER)
    for number in range(4):
        complaint(f"Person {number}")
    page = client.page("/staff/inbox?tab=all-open")
    counts = {a.get_text(" ").split("  ")[0].strip(): a for a in page.all(".app-tabs__tab")}
    shown = next(a for text, a in counts.items() if text.startswith("To triage"))
    assert "2+" in shown.get_text()


def test_all_lists_are_links_in_groups_folded_behind_the_one_that_is_shown(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    complaint()
    page = client.page("/staff/inbox?tab=to-acknowledge")
    fold = page.one("#_lists > details")
    assert words(fold.summary) == "To acknowledge 1 case and other lists"
    shown = [str(link["href"]) for link in fold.select(".app-tabs__tab")]
    assert shown == [f"/staff/inbox?tab={name}" for name in lists.TABS]
    groups = [words(title) for title in fold.select(".app-lists__title")]
    assert len(groups) == len(set(groups)), "lists of one group stand together"
    assert [words(link) for link in fold.select("[aria-current]")] == ["To acknowledge 1 case"]
    keeping = client.page("/staff/views?tab=all-open&language=ur")
    assert "All open, narrowed down to: Urdu" in keeping.main
    client.send(keeping, {"name": "In Urdu"}, form="#keep")
    page = client.page("/staff/inbox?tab=all-open&language=ur")
    assert page.h1 == "Inbox: All open, narrowed down"
    assert [words(link) for link in page.all("#_lists [aria-current]")] == ["All open", "In Urdu"]


def test_pages_lead_on_and_back_and_every_case_stands_on_exactly_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    client, _ = signed_in(app, Role.OFFICER)
    all_refs = {complaint(f"Person {n}", received_at=clock.now() - timedelta(days=n % 3)) for n in range(8)}
    page, seen, addresses = client.page("/staff/inbox?tab=all-open"), [], []
    while True:
        addresses.append((page.url, refs(page)))
        seen += refs(page)
        links = [str(a["href"]) for a in page.all('a[rel="next"]')]
        if not links:
            break
        page = client.page(links[0])
    assert [len(found) for _, found in addresses] == [3, 3, 2]
    assert len(seen) == len(set(seen)) == 8
    assert set(seen) == all_refs
    back = client.page(str(page.one('a[rel="prev"]')["href"]))
    assert refs(back) == addresses[1][1]
    first = client.page(str(back.one('a[rel="prev"]')["href"]))
    assert refs(first) == addresses[0][1]
    assert not first.all('a[rel="prev"]')


def test_a_closed_list_goes_from_the_newest_and_pages_too(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    client, officer = signed_in(app, Role.OFFICER)
    found = []
    for number in range(5):
        ref = complaint(f"Thanks {number}", received_at=clock.now() - timedelta(days=number))
        service.perform(
            ref, c.Triage(kind=Kind.COMPLIMENT, risk=Risk.ROUTINE, note="She agrees"), actor(officer)
        )
        found.append(ref)
    page = client.page("/staff/inbox?tab=closed")
    seen = refs(page)
    while nexts := page.all('a[rel="next"]'):
        page = client.page(str(nexts[0]["href"]))
        seen += refs(page)
    assert seen == found
    assert refs(client.page(str(page.one('a[rel="prev"]')["href"]))) == found[2:4]


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense",
        "tab=all-open&after=%00",
        "tab=all-open&after=abc&before=def",
        "tab=all-open&after=WyI5OTk5LTEyLTMxIiwgMV0",
        "tab=all-open&after=WyIyMDI2LTExLTIyIiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
        "tab=all-open&before=" + "A" * 3000,
        "tab=all-open&stage=nonsense&holder=-1&risk=x&language=tlh&tag=%00%27",
        "tab=all-open&holder=99999999999999999999&tag=" + "x" * 3000,
        "tab=all-open&holder=%D9%A3",
    ],
)
def test_an_address_with_nonsense_gives_a_list_all_the_same(app: Flask, query: str) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    complaint()
    assert client.page(f"/staff/inbox?{query}").h1.startswith("Inbox: ")


def test_filters_narrow_a_list_and_stand_in_its_address(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER, Role.HANDLER)
    urdu, plain, mine = complaint("A", language="ur"), complaint("B"), complaint("C")
    allocate(mine, officer, officer)
    service.perform(plain, c.Triage(kind=Kind.COMPLAINT, risk=Risk.URGENT), actor(officer))
    service.perform(plain, c.Tag(add=("damp", "roof")), actor(officer))
    page = client.submit("/staff/inbox?tab=all-open", {"language": "ur"}, form=".app-filters__form")
    assert refs(page) == [urdu]
    assert "language=ur" in page.url
    assert "Narrowed down to: Urdu" in page.main
    assert refs(client.page("/staff/inbox?tab=all-open&risk=urgent")) == [plain]
    assert refs(client.page("/staff/inbox?tab=all-open&tag=roof")) == [plain]
    assert refs(client.page(f"/staff/inbox?tab=all-open&holder={officer.id}")) == [mine]
    assert refs(client.page("/staff/inbox?tab=all-open&stage=stage_2")) == []
    service.perform(plain, c.Tag(remove=("roof",)), actor(officer))
    assert refs(client.page("/staff/inbox?tab=all-open&tag=roof")) == []
    assert refs(client.page("/staff/inbox?tab=all-open&tag=damp")) == [plain]


def test_a_page_costs_at_most_ten_queries_however_many_cases(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    costs = []
    for _ in range(2):
        for number in range(6):
            complaint(f"Person {number}", needs=(Need(code="large_print"),))
        with counted() as found:
            client.page("/staff/inbox?tab=all-open&language=en")
        costs.append(len(found))
    assert costs[0] == costs[1] <= 10


def test_a_person_with_a_conflict_of_interest_meets_the_case_nowhere(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    other, _ = signed_in(app, Role.OFFICER, name="Another Officer")
    ref = complaint("Mina Rahman")
    service.perform(ref, c.DeclareConflict(staff=ref_of(officer), reason="Her sister"), actor(officer))
    assert ref in tab(other, "all-open")
    assert tab(client, "all-open") == []
    page = client.page("/staff/inbox?tab=all-open")
    assert "Mina" not in page.text
    assert "1" not in [a.get_text() for a in page.all(".app-tabs__count")]
    assert finding.find(actor(officer), "Mina").hits == ()
    assert lists.chosen(actor(officer), [ref]) == ()


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.MEMBER_RESPONSIBLE])
def test_who_oversees_finds_personal_data_folded_away(app: Flask, role: Role) -> None:
    client, _ = signed_in(app, role)
    complaint("Mina Rahman", "Mould on the wall", needs=(Need(code="large_print"),))
    page = client.page("/staff/inbox?tab=all-open")
    folded = page.one(".app-row details")
    assert "Mina Rahman" in folded.get_text()
    folded.extract()
    for private in ("Mina", "Mould on", "Elm Court", "Large print"):
        assert private not in page.text, private


def test_rows_can_stand_closer_together_in_this_browser(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    complaint()
    assert not client.page("/staff/inbox?tab=all-open").all(".app-rows--compact")
    page = client.submit("/staff/inbox?tab=all-open", form=".app-density")
    assert page.all(".app-rows--compact")
    assert "tab=all-open" in page.url
    assert not client.submit("/staff/inbox?tab=all-open", form=".app-density").all(".app-rows--compact")


def test_news_are_told_quietly_and_once(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    complaint("A")
    page = client.page("/staff/inbox?tab=to-triage")
    ask = str(page.one("#_news")["hx-get"])
    assert page.one("#_news")["hx-trigger"] == "every 45s"
    quiet = client.get(ask, headers={"HX-Request": "true"})
    assert quiet.status_code == 204
    complaint("B")
    complaint("C")
    part = client.fragment(ask)
    assert "2 cases are new or changed" in part.text
    assert part.link("Show the list again") == "/staff/inbox?tab=to-triage"
    again = str(part.one("#_news")["hx-get"])
    assert client.get(again, headers={"HX-Request": "true"}).status_code == 204
    assert client.page(again).h1 == "What is new", "it is a page without scripts too"
    for odd in ("", "x", "9" * 40, "-" + "9" * 40):
        assert client.page(f"/staff/inbox/news?since={odd}").h1.startswith("Inbox")


def test_asking_for_news_keeps_no_session_alive(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    ask = str(client.page("/staff/inbox").one("#_news")["hx-get"])
    real, moved = clock.now, timedelta()
    monkeypatch.setattr(clock, "now", lambda: real() + moved)
    for minutes in (25, 50):
        moved = timedelta(minutes=minutes)
        assert client.get(ask, headers={"HX-Request": "true"}).status_code == 204
    moved = timedelta(minutes=61)
    assert client.get(ask, headers={"HX-Request": "true"}).status_code == 401


def test_views_are_kept_under_a_name_shared_and_deleted(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    other, _ = signed_in(app, Role.OFFICER, name="Another Officer")
    urdu = complaint(language="ur")
    complaint("B")
    start = client.page("/staff/inbox?tab=all-open&language=ur").link("Save or delete a view")
    page = client.submit(start, {"name": "In Urdu"}, form="#keep")
    assert refs(client.page(page.link("In Urdu"))) == [urdu]
    assert "In Urdu" not in other.page("/staff/inbox").text
    client.submit(start, {"name": "In Urdu", "shared": "y"}, form="#keep")
    assert refs(other.page(other.page("/staff/inbox").link("In Urdu"))) == [urdu]
    assert not other.page("/staff/views").all("li form"), "only the owner can delete it"
    assert client.submit(start, {"name": " "}, form="#keep", status=422).errors == [
        "Enter a name for the view"
    ]
    long = client.submit(start, {"name": "x" * 61}, form="#keep", status=422)
    assert long.errors == ["Use 60 characters or fewer for the name"]
    number = str(client.page("/staff/views").one("li form")["action"]).split("/")[3]
    other.post(f"/staff/views/{number}/delete", data={"csrf_token": _token(other)})
    assert "In Urdu" in client.page("/staff/inbox").text
    client.submit("/staff/views", form="li form")
    assert "In Urdu" not in client.page("/staff/inbox").text


def _token(client: Client) -> str:
    return str(client.page("/staff/inbox").one("header form input[name=csrf_token]")["value"])


@pytest.mark.parametrize(
    ("role", "heading"),
    [
        (Role.OFFICER, "Inbox: To triage"),
        (Role.HANDLER, "Inbox: My work"),
        (Role.SERVICE_MANAGER, "Inbox: Promised actions"),
        (Role.MANAGER, "Inbox: Overdue"),
        (Role.DIRECTOR, "Inbox: Stage 2"),
        (Role.MEMBER_RESPONSIBLE, "Inbox: Overdue"),
        (Role.COLLEAGUE, "Log a complaint for somebody"),
        (Role.ADMIN, "Staff accounts"),
    ],
)
def test_each_role_begins_where_its_day_begins(app: Flask, role: Role, heading: str) -> None:
    client, _ = signed_in(app, role)
    assert client.page("/staff/").h1 == heading


def test_days_that_nobody_knows_the_holidays_of_are_shown_without_counting(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint()
    later = clock.now() + timedelta(days=365 * 6)
    monkeypatch.setattr(clock, "now", lambda: later)
    client, _ = signed_in(app, Role.OFFICER)
    row = client.page("/staff/inbox?tab=all-open").one(".app-row").get_text(" ")
    assert "2026" in row
    assert "working day" not in row


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("name", lists.TABS)
def test_every_list_is_read_in_the_order_of_an_index(app: Flask, name: str) -> None:
    """A sort would read the whole list for one page of it."""
    officer = colleague(Role.OFFICER)
    for _ in range(2):
        with counted() as found:
            lists.inbox(actor(officer), name)
    statement = next(one for one in found if "FROM complaint_case" in one)
    connection = db.session.connection().connection.dbapi_connection
    assert connection is not None
    plan = (
        connection.cursor()
        .execute("EXPLAIN QUERY PLAN " + statement, [None] * statement.count("?"))
        .fetchall()
    )
    steps = [str(step[3]) for step in plan]
    assert any("complaint_case USING" in step and "INDEX ix_case_" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps


def test_letters_by_post_stand_in_a_list_until_somebody_posted_them(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    by_mail = complaint("By Mail")
    by_post = complaint("By Post", prefers=Channel.LETTER)
    assert tab(client, "to-post") == [by_post], "the receipt has to be printed"
    assert by_mail in tab(client, "all-open")
    called = c.RecordContact(channel=Channel.PHONE, happened_at=clock.now(), words="Rang")
    service.perform(by_post, called, actor(officer))
    assert tab(client, "to-post") == [by_post]
    posted = c.RecordContact(channel=Channel.LETTER, happened_at=clock.now(), words="Posted first class")
    service.perform(by_post, posted, actor(officer))
    assert tab(client, "to-post") == []


def test_single_keys_are_off_until_switched_on_in_this_browser(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    assert not client.page("/staff/inbox").all("[data-keys]")
    page = client.submit(client.page("/staff/inbox").link("Keyboard shortcuts"), form="#keys")
    assert "Single keys are on in this browser" in page.main
    assert client.page("/staff/inbox").all("[data-keys]")
    assert not client.submit("/staff/keys", form="#keys").all("[data-keys]")


def test_a_language_with_a_script_can_be_chosen_and_is_named(app: Flask) -> None:
    chinese, plain = complaint("A", language="zh_Hant"), complaint("B")
    client, _ = signed_in(app, Role.OFFICER)
    page = client.submit("/staff/inbox?tab=all-open", {"language": "zh_Hant"}, form=".app-filters__form")
    assert chinese in page.main
    assert plain not in page.main
    assert "Traditional" in page.one(f".app-row:has(#tick-{chinese})").get_text()
