"""The web base in a real browser: nothing breaks the policy, and htmx says what it does."""

import datetime
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from werkzeug.serving import make_server

from shared import i18n
from shared.config import Config
from tests.support import specimen
from wsgi import create_app

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
"""
FORM = "/en/specimen/form"
ADOPT = "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }"
TEXT_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server with only the specimen pages."""
    data = tmp_path_factory.mktemp("data")
    app = create_app(Config(environment="test", database_url=database_url, data_dir=data), surfaces=())
    app.config["PROPAGATE_EXCEPTIONS"] = False
    specimen.register(app)
    moment = datetime.datetime(2026, 11, 23, 14, 5, tzinfo=datetime.UTC)
    app.context_processor(lambda: {"day": moment.date(), "moment": moment})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """A page on which any breach of the policy, or any error of a script, fails the test."""
    trouble: list[str] = []
    page.add_init_script(WATCH)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    yield page
    assert page.evaluate("window.violations") == []
    assert trouble == []


def fill(page: Page) -> None:
    page.get_by_label("What is your name?").fill("Ada Ali")
    page.get_by_label("What has gone wrong?").fill("The roof leaks.")
    for part, value in (("Day", "3"), ("Month", "10"), ("Year", "2026")):
        page.get_by_label(part).fill(value)
    page.get_by_label("Me", exact=True).check()


def test_errors_come_in_place_and_take_the_focus(watched: Page, address: str) -> None:
    watched.goto(address + FORM)
    watched.evaluate("window.same = true")
    watched.get_by_role("button", name="Continue").click()
    summary = watched.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    assert watched.evaluate("window.same"), "the page was not loaded again"
    assert watched.locator("h1").count() == 1
    summary.get_by_role("link", name="Tell us what has gone wrong").click()
    expect(watched.get_by_label("What has gone wrong?")).to_be_focused()
    fill(watched)
    watched.get_by_role("button", name="Continue").click()
    expect(watched.locator("h1")).to_contain_text("We have your complaint")


def test_the_same_journey_without_scripts(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + FORM)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    fill(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_contain_text("We have your complaint")
    context.close()


@pytest.mark.parametrize(
    ("status", "words"), [(500, "Your text is still here"), (413, "too big"), (429, "Wait a minute")]
)
def test_trouble_is_said_aloud_and_the_text_stays(
    watched: Page, address: str, status: int, words: str
) -> None:
    watched.goto(address + FORM)
    fill(watched)
    watched.route("**/specimen/form", lambda route: route.fulfill(status=status, body="no"))
    watched.get_by_role("button", name="Continue").click()
    expect(watched.get_by_role("alert")).to_contain_text(words)
    expect(watched.get_by_label("What has gone wrong?")).to_have_value("The roof leaks.")


def test_a_lost_connection_is_said_aloud(watched: Page, address: str) -> None:
    watched.goto(address + FORM)
    fill(watched)

    def drop(route: Route) -> None:
        route.abort()

    watched.route("**/specimen/form", drop)
    watched.get_by_role("button", name="Continue").click()
    expect(watched.get_by_role("alert")).to_contain_text("Your text is still here")


def test_an_expired_form_is_shown_in_place_of_the_main_part(watched: Page, address: str) -> None:
    watched.goto(address + FORM)
    fill(watched)
    watched.context.clear_cookies()
    watched.get_by_role("button", name="Continue").click()
    expect(watched.locator("h1")).to_have_text("This page was open for a long time")
    expect(watched.locator("main")).to_contain_text("The roof leaks.")
    assert watched.locator("main").count() == 1


def test_a_double_click_sends_once(watched: Page, address: str) -> None:
    sent: list[str] = []
    watched.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    watched.goto(address + FORM)
    watched.get_by_role("button", name="Continue").dblclick()
    expect(watched.locator(".govuk-error-summary")).to_be_visible()
    assert sent == ["POST"]


def test_nothing_that_was_typed_stays_in_the_browser(watched: Page, address: str) -> None:
    watched.goto(address + FORM)
    watched.get_by_role("button", name="Continue").click()
    expect(watched.locator(".govuk-error-summary")).to_be_visible()
    kept = "[...Object.keys(sessionStorage), ...Object.keys(localStorage)]"
    assert set(watched.evaluate(kept)) <= {"htmx-current-path-for-history"}  # an address, no text


@pytest.mark.parametrize("language", [language.tag for language in i18n.languages()])
@pytest.mark.parametrize("path", ["form", "done"])
def test_pages_fit_a_narrow_phone(watched: Page, address: str, language: str, path: str) -> None:
    watched.set_viewport_size({"width": 320, "height": 640})
    watched.goto(f"{address}/{language}/specimen/{path}")
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert watched.evaluate(over) == 0
    # Text that its reader has spaced out (WCAG 1.4.12), set past the policy as an extension would.
    watched.evaluate(ADOPT, TEXT_SPACING)
    assert watched.evaluate(over) == 0
    assert watched.evaluate("document.documentElement.dir") == i18n.direction(language)


def test_right_to_left_mirrors_the_page_but_not_the_figures(watched: Page, address: str) -> None:
    if "ar" not in {language.code for language in i18n.languages()}:
        pytest.fail("the right-to-left layout needs a language to be tried with")
    watched.goto(f"{address}/ar/specimen/done")
    number = watched.locator("bdi[dir=ltr]", has_text="+44 (0) 20 7946 0018")
    assert number.evaluate("e => getComputedStyle(e).direction") == "ltr"
    dot = watched.locator(".app-timeline__item").first
    assert dot.evaluate("e => getComputedStyle(e).borderRightWidth") == "4px"
    key = watched.locator(".govuk-summary-list__key").first.bounding_box()
    value = watched.locator(".govuk-summary-list__value").first.bounding_box()
    assert key is not None
    assert value is not None
    assert key["x"] > value["x"], "the key stands on the right"
