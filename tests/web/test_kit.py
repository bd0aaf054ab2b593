"""The web base by itself: marks, rendering, headers, error pages and forms, on specimen pages."""

import datetime
import io
from collections.abc import Iterator

import flask
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from shared import i18n
from shared.config import Config
from shared.db import db
from shared.vocab import Role
from shared.web import access, filters
from shared.web.render import safe_next
from tests.support import specimen
from tests.support.checks import check_html
from tests.support.client import Client
from tests.support.pseudo import find_literals, speak_pseudo
from wsgi import create_app

FORM = "/en/specimen/form"
GOOD = {
    "name": "Ada Ali",
    "story": "The roof leaks.",
    "began-day": "3",
    "began-month": "10",
    "began-year": "2026",
    "who": "me",
    "area": "roof",
}


@pytest.fixture(scope="module")
def bare(config: Config) -> Iterator[Flask]:
    """An application with neither side, only the specimen pages."""
    app = create_app(config, surfaces=())
    app.test_client_class = Client
    app.config["PROPAGATE_EXCEPTIONS"] = False
    specimen.register(app)
    moment = datetime.datetime(2026, 11, 23, 14, 5, tzinfo=datetime.UTC)
    app.context_processor(lambda: {"day": moment.date(), "moment": moment})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(bare: Flask) -> Client:
    specimen.outcomes.clear()
    found = bare.test_client()
    assert isinstance(found, Client)
    return found


# Access -----------------------------------------------------------------------------------------------------


def test_a_view_without_a_mark_is_shut(client: Client) -> None:
    assert client.page("/en/specimen/unmarked", status=403).h1 == "You cannot see this page"


def test_a_side_that_nobody_registered_is_shut(client: Client) -> None:
    client.page("/en/specimen/residents-only", status=403)
    client.page("/en/specimen/staff-only", status=403)


def test_strangers_are_led_to_the_door_and_roles_decide(bare: Flask) -> None:
    client = bare.test_client()
    people: dict[str, str | None] = {"who": None}
    before = dict(bare.extensions[access.EXTENSION])
    access.register_staff(
        bare, who=lambda: people["who"], door=lambda: "/staff/sign-in", roles=lambda person: {Role(person)}
    )
    try:
        answer = client.get("/en/specimen/staff-only")
        assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
        by_htmx = client.get("/en/specimen/staff-only", headers={"HX-Request": "true"})
        assert (by_htmx.status_code, by_htmx.headers["HX-Redirect"]) == (401, "/staff/sign-in")
        people["who"] = "handler"
        assert client.get("/en/specimen/staff-only").status_code == 200
        assert client.get("/en/specimen/managers-only").status_code == 403
        people["who"] = "manager"
        assert client.get("/en/specimen/managers-only").status_code == 200
    finally:
        bare.extensions[access.EXTENSION] = before


def test_a_mark_is_given_once_and_with_brackets() -> None:
    with pytest.raises(TypeError, match="single access mark"):
        access.public(access.public(lambda: None))
    with pytest.raises(ValueError, match="not roles of staff"):
        access.staff(Role.RESIDENT)
    with pytest.raises((TypeError, ValueError)):
        access.staff(lambda: None)  # type: ignore[arg-type]


def test_reading_never_writes(bare: Flask) -> None:
    with bare.test_request_context("/en/", method="GET"):
        db.session.execute(text("SELECT 1"))
        with pytest.raises(access.WroteWhileReading, match="GET /en/"):
            db.session.execute(text("DELETE FROM alembic_version"))
        db.session.rollback()
    with bare.test_request_context("/en/", method="POST"):
        db.session.execute(text("CREATE TABLE IF NOT EXISTS scratch (id INTEGER)"))
        db.session.execute(text("DROP TABLE scratch"))
        db.session.rollback()


# Rendering --------------------------------------------------------------------------------------------------


def test_a_page_or_its_fragment(client: Client) -> None:
    page, fragment = client.get(FORM), client.get(FORM, headers={"HX-Request": "true"})
    assert "<html" in page.text
    assert fragment.text.lstrip().startswith('<div id="_form">')
    back = client.get(FORM, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in back.text
    for response in (page, fragment, back):
        assert "HX-Request" in response.vary
        assert response.headers["Cache-Control"] == "no-store"


def test_a_whole_page_in_answer_to_htmx_takes_the_main_part(client: Client) -> None:
    answer = client.get("/en/specimen/done", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == answer.headers["HX-Reselect"] == "#main-content"


def test_files_that_carry_their_hash_may_be_kept(client: Client) -> None:
    page = client.page(FORM)
    address = next(str(e["src"]) for e in page.all("script") if "app.js" in str(e["src"]))
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert client.get("/static/js/app.js").headers["Cache-Control"] == "no-cache"


def test_production_keeps_cookies_and_connections_safe(config: Config) -> None:
    app = create_app(
        Config(
            environment="production",
            secret_key="s" * 40,
            base_url="https://complaints.example.org",
            smtp_host="mail.example.org",
            database_url=config.database_url,
            data_dir=config.data_dir,
        ),
        surfaces=(),
    )
    specimen.register(app)
    answer = app.test_client().get(FORM, base_url="https://complaints.example.org")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    for part in ("__Host-redress=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_health(client: Client) -> None:
    assert client.get("/healthz").text == "ok\n"


# Errors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "status", "heading"),
    [
        ("/en/nothing-here", 404, "Page not found"),
        ("/nothing", 404, "Page not found"),
        ("/en/specimen/stale", 405, "Please go back and try again"),
        ("/en/specimen/crash", 500, "Sorry, something went wrong"),
    ],
)
def test_error_pages_help(client: Client, url: str, status: int, heading: str) -> None:
    page = client.page(url, status=status)
    assert page.h1 == heading
    assert "0303 333 0101" in page.text, "the landlord's telephone number must be on every page"
    assert "secret" not in page.text


def test_an_error_page_speaks_the_language_of_the_path(client: Client) -> None:
    html = client.page("/ar/nothing-here", status=404).one("html")
    assert (html["lang"], html["dir"]) == ("ar", "rtl")
    wished = client.page("/nothing", status=404, headers={"Accept-Language": "ar"}).one("html")
    assert wished["lang"] == "ar"
    assert (
        client.page("/staff/nothing", status=404, headers={"Accept-Language": "ar"}).one("html")["lang"]
        == "en"
    )


def test_a_crash_of_the_frame_still_gives_the_telephone_number(
    bare: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.web.errors.render", lambda *a, **k: 1 / 0)
    assert "0303 333 0101" in client.page("/en/specimen/crash", status=500).text


def test_a_form_that_lay_open_too_long_loses_nothing(client: Client) -> None:
    page = client.page(FORM)
    with client.session_transaction() as session:
        session.clear()
    expired = client.send(page, GOOD | {"story": "Water\ncomes in."}, status=400)
    assert expired.h1 == "This page was open for a long time"
    assert "comes in." in expired.main
    assert not specimen.outcomes


def test_an_expired_form_without_secrets_can_be_sent_again(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/en/specimen/short", data={"story": "It leaks."}, headers=headers)
    assert answer.status_code == 400
    assert 'value="It leaks."' in answer.text
    page = client.page("/en/specimen/done")
    assert not specimen.outcomes
    again = check_html(answer.text, "expired", status=400)
    assert again.select_one("main form input[name=csrf_token]")
    assert page.h1


def test_a_forged_post_gets_no_button_that_would_make_it_valid(client: Client) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = client.post("/en/specimen/short", data={"story": "Buy this"}, headers=headers)
        assert answer.status_code == 400
        assert 'name="story"' not in answer.text


def test_a_stale_form_shows_what_changed_and_what_was_written(client: Client) -> None:
    token = client.page(FORM).one("main input[name=csrf_token]")["value"]
    data = {"csrf_token": token, "reply": "<b>We</b> are sorry.", "password": "hunter2"}
    answer = client.post("/en/specimen/stale", data=data)
    assert answer.status_code == 409
    for words in ("Ada Officer wrote to you.", "&lt;b&gt;We&lt;/b&gt; are sorry."):
        assert words in answer.text
    assert "hunter2" not in answer.text
    assert str(token) not in answer.text.split("<main")[1]


def test_too_much_is_refused_kindly(bare: Flask, client: Client) -> None:
    limit = bare.config["MAX_CONTENT_LENGTH"]
    bare.config["MAX_CONTENT_LENGTH"] = 2_000
    try:
        files = GOOD | {"photos": (io.BytesIO(b"x" * 4_000), "a.jpg")}
        assert client.submit(FORM, files, status=413).h1 == "What you sent is too big"
    finally:
        bare.config["MAX_CONTENT_LENGTH"] = limit


# Forms ------------------------------------------------------------------------------------------------------


def test_a_good_form(client: Client) -> None:
    given = GOOD | {
        "mail": "ada@EXAMPLE.org",
        "phone": "07700900982",
        "story": " The\r\nroof\x00 ",
        "needs": ["large"],
    }
    page = client.submit(FORM, given)
    assert page.h1 == "We have your complaint"
    (kept,) = specimen.outcomes
    assert kept["story"] == "The\nroof"
    assert kept["mail"] == "ada@example.org"
    assert kept["phone"] == "07700 900982"
    assert kept["began"] == datetime.date(2026, 10, 3)
    assert kept["needs"] == ["large"]


def test_an_empty_form_says_how_to_mend_each_answer(client: Client) -> None:
    page = client.submit(FORM, {}, status=422)
    assert page.title.startswith("Error: Make a complaint")
    assert page.errors == [
        "Enter your name",
        "Tell us what has gone wrong",
        "Enter the day it started",
        "Choose one of the answers",
    ]
    beside = [
        " ".join(e.get_text(" ").split()).removeprefix("Error: ") for e in page.all(".govuk-error-message")
    ]
    assert beside == page.errors, "the same words stand in both places"
    assert [a["href"] for a in page.all(".govuk-error-summary a")] == [
        "#name",
        "#story",
        "#began-day",
        "#who",
    ]


def test_errors_keep_what_was_typed(client: Client) -> None:
    typed = GOOD | {
        "name": "",
        "mail": "no",
        "story": "سقف <b>",
        "began-year": "26",
        "cost": "ten",
        "phone": "12",
    }
    page = client.submit(FORM, typed, status=422)
    assert page.one("#story").get_text().strip() == "سقف <b>"
    assert page.one("#began-year")["value"] == "26"
    assert page.one("#mail")["value"] == "no"
    assert page.one("input[name=who][checked]")["value"] == "me"
    assert "Enter the year with 4 numbers, like 2026" in page.errors
    assert "Enter a number, like 25.50" in page.errors


@pytest.mark.parametrize(
    ("parts", "error", "focus"),
    [
        (("3", "", "2026"), "Enter a day, a month and a year", "#began-month"),
        (("31", "2", "2026"), "Check the date. There is no such day.", "#began-day"),
        (("x", "2", "2026"), "Use numbers for the date, like 27 3 2026", "#began-day"),
        (("²", "2", "2026"), "Use numbers for the date, like 27 3 2026", "#began-day"),
        (("9" * 5000, "2", "2026"), "Use numbers for the date, like 27 3 2026", "#began-day"),
        (("1", "2", "26"), "Enter the year with 4 numbers, like 2026", "#began-year"),
    ],
)
def test_odd_dates(client: Client, parts: tuple[str, str, str], error: str, focus: str) -> None:
    names = ("began-day", "began-month", "began-year")
    page = client.submit(FORM, GOOD | dict(zip(names, parts, strict=True)), status=422)
    assert page.errors == [error]
    assert page.one(".govuk-error-summary a")["href"] == focus


def test_dates_in_other_digits(client: Client) -> None:
    client.submit(FORM, GOOD | {"began-day": "٢٣", "began-month": "১০"})
    assert specimen.outcomes[0]["began"] == datetime.date(2026, 10, 23)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_odd_bodies_are_no_crash(client: Client, kind: str) -> None:
    assert client.post(FORM, data=b'[1, "x"]', content_type=kind).status_code == 400


def test_a_token_and_nothing_else(client: Client) -> None:
    token = str(client.page(FORM).one("main input[name=csrf_token]")["value"])
    assert client.post(FORM, data={"csrf_token": token}).status_code == 422
    odd = {
        "csrf_token": token,
        "photos": "not a file",
        "who": "nobody",
        "needs": ["x", "large"],
        "name": "a" * 9000,
    }
    assert client.post(FORM, data=odd).status_code == 422


# Languages --------------------------------------------------------------------------------------------------


def test_every_language_has_its_direction_and_its_switcher(client: Client) -> None:
    for language in i18n.languages():
        page = client.page(f"/{language.tag}/specimen/form?page=2")
        html = page.one("html")
        assert (html["lang"], html["dir"]) == (language.tag, language.direction)
        style = str(page.one("link[rel=stylesheet]")["href"])
        assert ("app.rtl.css" in style) == (language.direction == "rtl")
        links = page.all(".app-languages__choice")
        assert [link["hreflang"] for link in links] == [one.tag for one in i18n.languages()]
        current = page.one(".app-languages__choice[aria-current]")
        assert (current["lang"], current["dir"]) == (language.tag, language.direction)
        assert all(str(link["href"]).endswith("/specimen/form?page=2") for link in links)


def test_unknown_languages_are_no_pages(client: Client) -> None:
    client.page("/xx/specimen/form", status=404)


def test_links_stay_in_the_readers_language(bare: Flask) -> None:
    with bare.test_request_context("/ar/specimen/done"):
        bare.preprocess_request()
        assert flask.url_for("specimen.form") == "/ar/specimen/form"
        assert flask.url_for("specimen.form", lang="en") == "/en/specimen/form"


def test_letters_are_in_the_readers_language_not_the_writers(bare: Flask) -> None:
    with bare.test_request_context("/staff/case"):
        assert i18n.current().code == "en"
        with i18n.in_language("ar") as language:
            assert (i18n.current().code, language.direction) == ("ar", "rtl")
            assert "2026" in i18n.date_text(datetime.date(2026, 11, 23))
        assert i18n.current().code == "en"


@pytest.mark.parametrize(
    "url", [FORM, "/en/specimen/done", "/en/nothing-here", "/en/specimen/residents-only"]
)
def test_no_text_escapes_translation(bare: Flask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    speak_pseudo(monkeypatch)
    markup = FlaskClient(bare, bare.response_class).get(url).get_data(as_text=True)
    assert "⟦" in markup
    assert find_literals(markup) == []


def test_the_search_for_literals_finds_them() -> None:
    page = (
        '<p>⟦Hello⟧ world</p><p>⟦Call <a href="/">⟦us⟧</a> now⟧</p><bdi>Ada</bdi><a aria-label="Open">1</a>'
    )
    assert find_literals(page) == ["world", "Open"]


# Filters ----------------------------------------------------------------------------------------------------


def test_filters_escape_and_isolate(bare: Flask) -> None:
    with bare.test_request_context("/en/"):
        assert str(filters.ltr("<x>")) == '<bdi dir="ltr" translate="no">&lt;x&gt;</bdi>'
        assert "<script>" not in filters.own_words("<script>", "ar")
        assert '<span class="app-whole">PR2 0ET</span>' in filters.english("Preston & PR2 0ET")
        assert "<b>" not in filters.english("<b>")
        assert 'lang="ar"' in filters.own_words("x", "ar")
        assert "lang=" not in filters.own_words("x", "xx")
        assert "£1,250.00" in filters.money(125_000)
        assert 'href="tel:+44-20-7946-0018"' in filters.phone("020 7946 0018")
        assert "<a" not in filters.phone("call <me>")
        assert filters.phone(None) == filters.email("") == filters.day(None) == ""
        instant = datetime.datetime(2026, 6, 30, 23, 30, tzinfo=datetime.UTC)
        assert "Wednesday 1 July 2026" in filters.day(instant), "half past midnight in London"
        assert "1 July 2026 at 00:30" in filters.moment(instant)
        day = datetime.date(2026, 11, 24)
        assert "Overdue by 1 working day" in filters.due(day, -1)
        assert "Due today" in filters.due(day, 0)
        assert "Due Tuesday 24 November 2026, in 2 working days" in filters.due(day, 2)
        with time_machine.travel(datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)):
            assert "Due Tue 24 Nov, in 2 working days" in filters.due(day, 2, short=True)
            next_year = datetime.date(2027, 1, 4)
            assert "Due Mon 4 Jan 2027, in 29 working days" in filters.due(next_year, 29, short=True)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/staff/cases/1?x=1", "/staff/cases/1?x=1"),
        ("//evil.example", "/staff"),
        ("https://evil.example", "/staff"),
        ("/\\evil.example", "/staff"),
        ("/\t/evil.example", "/staff"),
        ("javascript:alert(1)", "/staff"),
        ("", "/staff"),
        (None, "/staff"),
    ],
)
def test_going_on_never_leaves_the_service(target: str | None, goes_to: str) -> None:
    assert safe_next(target, "/staff") == goes_to
