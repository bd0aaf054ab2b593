"""The portal under the conditions in which people meet it: keys alone, large or spaced text, colours of their own,
a slow line that drops, three directions of language. Each page is loaded once for all measures of its layout.

Checks of every page (320 px, Tab stops, axe, the order of help) stand in tests/support/e2e_checks.py.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal import questions
from shared import i18n
from shared import samples as cases
from shared.config import Config
from tests.support.browser import find_browser
from tests.support.e2e_checks import NARROW, OVERFLOW
from tests.support.e2e_resident import KeyboardResident, Resident, Told, bare
from tests.support.e2e_service import Service, until, words_of
from tests.support.lighthouse import WANTED, measure
from wsgi import create_app

LANGUAGES = tuple(language.tag for language in i18n.languages())
FIRST_VISIT = 100_000  # bytes on the wire
# Files, and the way out of the service: no pages of ours.
NO_PAGES = {
    "leave_quickly",
    "receipt_copy",
    "receipt_pdf",
    "receipt_qr",
    "piece_received",
    "my_piece_received",
}


# What a first visit weighs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_weighs_little_and_brings_only_the_letters_of_its_language(
    open_context: Callable[..., BrowserContext], service: Service, language: str
) -> None:
    page = open_context(viewport={"width": 390, "height": 844}).new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    addresses: dict[str, str] = {}
    weights: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))
    wire.on(
        "Network.loadingFinished", lambda e: weights.update({e["requestId"]: int(e["encodedDataLength"])})
    )
    page.goto(f"{service.url}/{language}/", wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    loaded = {addresses[key].removeprefix(service.url): weight for key, weight in weights.items()}
    assert sum(loaded.values()) < FIRST_VISIT, loaded
    fonts = {re.sub(r"-\d+\.woff2.*", "", name.rsplit("/", 1)[1]) for name in loaded if ".woff2" in name}
    wanted = {"bn": "bengali", "hi": "devanagari"} | dict.fromkeys(("ar", "fa", "ur"), "naskh")
    assert fonts == ({wanted[language]} if language in wanted else set())


def test_lighthouse_on_a_throttled_phone(person: Callable[..., Any], browser: Browser) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    resident.complains_in_short(Told(email="lighthouse@resident.example"))
    cookies = resident.page.context.cookies()
    # Urdu brings letters of its own besides: where its pages are quick, English ones are.
    pages = [
        (f"{resident.service.url}/{path}", cookies if path.endswith("my-complaint") else [])
        for path in ("en/", "ur/tell-us/what", "ur/my-complaint")
    ]
    found = measure(str(find_browser() or browser.browser_type.executable_path), pages)
    assert [one.shown for one in found] == [url for url, _cookies in pages]
    assert {one.url: one.wrong for one in found if one.accessibility < 1} == {}
    assert {one.url: one.performance for one in found if one.performance < WANTED} == {}


# Journeys ---------------------------------------------------------------------------------------------------


def test_with_keys_alone_complain_in_short_come_back_and_ask_for_stage_2(person: Callable[..., Any]) -> None:
    resident: KeyboardResident = person(KeyboardResident)
    resident.opens_the_portal()
    receipt = resident.complains_in_short(Told(email="short.keys@resident.example"))
    elsewhere: KeyboardResident = person(KeyboardResident)
    elsewhere.signs_in(receipt)
    elsewhere.goes_to("/en/my-complaint/add")
    elsewhere.writes("text", "The mould is in the kitchen too.")
    elsewhere.answers_the_form("added")
    answered = next(one for one in cases.SAMPLES if one.path == "answered" and one.language == "en")
    another: KeyboardResident = person(KeyboardResident)
    another.signs_in_by_mail(f"{answered.name.lower().replace(' ', '.')}@{cases.DOMAIN}")
    another.escalates()
    another.sees("Another person will look at your complaint again.")


@pytest.mark.parametrize("language", ["ur", "zh-Hant"])
def test_the_shortest_complaint_in_other_directions(person: Callable[..., Any], language: str) -> None:
    resident: Resident = person(Resident, viewport=NARROW)
    resident.opens_the_portal(language)
    address = f"short.{language}@resident.example".lower()
    receipt = resident.complains_in_short(Told(email=address))
    assert receipt.ref.startswith("HAL-")
    number = resident.page.locator(".govuk-panel__body bdi").first
    assert number.evaluate("e => getComputedStyle(e).direction") == "ltr"
    on_paper(resident.page)
    assert receipt.ref in bare(words_of(resident.service.letter_to(address, "receipt")))
    resident.opens_my_complaint()


def on_paper(page: Page) -> None:
    """A printed receipt keeps what somebody needs, and nothing that only a screen can do."""
    page.emulate_media(media="print")
    for kept in (".govuk-panel__body", ".app-code", "main img", "footer .app-contact"):
        expect(page.locator(kept).first).to_be_visible()
    for button in page.locator("header, .app-languages, button, .govuk-button, .app-footer__links").all():
        expect(button).not_to_be_visible()
    page.emulate_media(media="screen")
    assert page.locator("main img").evaluate("e => e.decode().then(() => e.naturalWidth)") > 0, "the QR code"


def test_pages_about_trouble_hold_to_the_rules_of_all_pages(person: Callable[..., Any]) -> None:
    for language in ("en", "ur"):
        resident: Resident = person(Resident)
        resident.goes_to(f"/{language}/nothing-here")
        resident.goes_to(f"/{language}/my-complaint/letters/1")
        resident.writes("ref", "HAL")
        resident.page.context.clear_cookies()
        resident.presses(resident.page.locator("form#sign-in .govuk-button"))
        expect(resident.page.locator("form#sign-in")).to_have_count(0)
        resident.looks()


def test_a_slow_line_that_drops_while_the_complaint_is_sent_costs_nothing(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident)
    address = "slow@resident.example"
    wire = resident.page.context.new_cdp_session(resident.page)
    wire.send("Network.enable")
    slow = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 25_000}
    wire.send("Network.emulateNetworkConditions", slow)
    resident.opens_the_portal()
    resident.begins()
    resident.writes("what", "The lift is broken.")
    resident.skips_to("reach")
    for name, text in (("name", "Amina"), ("address", "4 Elm Court, Widnes"), ("email", address)):
        resident.writes(name, text)
    resident.skips_to("check")
    send = resident.page.locator("form#send .govuk-button")
    wire.send("Network.emulateNetworkConditions", slow | {"offline": True})
    send.click()
    expect(resident.page.locator("#alert")).not_to_be_empty()
    expect(resident.page.locator("main")).to_contain_text("The lift is broken.")
    wire.send("Network.emulateNetworkConditions", slow)
    resident.page.wait_for_timeout(1_100)  # a button takes no second press within a second
    receipt = resident.sends()
    resident.checks.forgive("console: htmx:")
    until(lambda: resident.service.letters_to(address), "the receipt arrives")
    rows = resident.service.read("SELECT count(*) FROM complaint_case WHERE ref = :ref", ref=receipt.ref)
    assert rows == [(1,)]


# Layout -----------------------------------------------------------------------------------------------------

# WCAG 1.4.12, and text of twice its size (1.4.4), set past the policy as a reader's own styles would be.
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
TWICE = "html { font-size: 200% !important; }"
WITH = """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
    document.adoptedStyleSheets = css ? [sheet] : []; }"""
# Words that run out of their box. What is drawn around a button belongs to its box, so the words are measured.
CUT = """() => [...document.querySelectorAll('button, .govuk-button, .govuk-tag, .app-due, label, legend, h1, h2')]
    .filter(e => {
      if (e.closest('.govuk-visually-hidden') || getComputedStyle(e).display === 'inline') return false;
      const words = document.createRange();
      words.selectNodeContents(e);
      const box = e.getBoundingClientRect(), inside = words.getBoundingClientRect();
      return inside.width > 0 && (inside.left < box.left - 1 || inside.right > box.right + 1);
    }).map(e => e.outerHTML.slice(0, 120))"""
DRAGGED = "() => document.querySelectorAll('[draggable=true]').length"


def held(page: Page) -> list[str]:
    """What does not fit: at 320 px, with spaced text there, and with text of twice its size on a wide screen."""
    found = []
    for how, size, css in (
        ("at 320 px", NARROW, ""),
        ("spaced", NARROW, SPACED),
        ("twice as large", {"width": 1280, "height": 1024}, TWICE),
    ):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.evaluate(WITH, css)
        if over := page.evaluate(OVERFLOW):
            found.append(f"{page.url} {how}: {over}")
        found += [f"{page.url} {how}: cut off: {one}" for one in page.evaluate(CUT)]
    if page.evaluate(DRAGGED):
        found.append(f"{page.url}: something must be dragged (WCAG 2.5.7)")
    return found


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every resident page that needs no number or name, by its address after the language; and the questions."""
    app = create_app(Config(environment="test", data_dir=tmp_path_factory.mktemp("data")))
    plain = [
        rule.rule.removeprefix("/<language:lang>/")
        for rule in app.url_map.iter_rules()
        if rule.arguments == {"lang"} and "GET" in (rule.methods or ()) and rule.endpoint[7:] not in NO_PAGES
    ]
    return [*sorted(plain), *(f"tell-us/{question.name}" for question in questions.QUESTIONS)]


@pytest.mark.parametrize("language", ["en", "ur", "bn", "zh-Hant"])
def test_every_page_fits_whatever_its_reader_does_to_the_text(
    person: Callable[..., Any], paths: list[str], language: str
) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal(language)
    resident.complains_in_short(Told(email=f"layout.{language}@resident.example".lower()))
    found, opened = [], set()
    for path in paths:
        answer = resident.page.goto(f"{resident.service.url}/{language}/{path}")
        assert answer is not None
        if answer.ok and resident.page.url not in opened and "html" in answer.headers["content-type"]:
            opened.add(resident.page.url)
            found += held(resident.page)
    assert not found, "\n".join(found)
    assert len(opened) > 25, opened


FRAMED = """() => [...document.querySelectorAll(
    'main .govuk-button, main .govuk-input, main .govuk-textarea, main .govuk-select, main .govuk-file-upload,'
    + ' main .govuk-radios__label, main .govuk-checkboxes__label, .govuk-tag, .app-due')].filter(e => {
  const own = getComputedStyle(e), box = getComputedStyle(e, '::before');
  return ![own, box].some(s => parseFloat(s.borderTopWidth) > 0 && s.borderTopStyle !== 'none')
    && !(parseFloat(own.outlineWidth) > 0 && own.outlineStyle !== 'none');
}).map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", ["/en/", "/ur/tell-us/danger", "/en/tell-us/needs", "/en/tell-us/reach"])
def test_controls_keep_their_frames_in_forced_colours(person: Callable[..., Any], path: str) -> None:
    """Where the system takes all grounds away, only a border says that something is a button or a box."""
    somebody: Resident = person(Resident, forced_colors="active")
    somebody.page.goto(somebody.service.url + path)
    assert somebody.page.locator("main form").count()
    assert somebody.page.evaluate(FRAMED) == []


# Signing in, and telling things once --------------------------------------------------------------------------

NO_PUZZLE = "() => document.querySelectorAll('main img, main canvas, main iframe').length"


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("/en/sign-in", {"ref": "username", "code": "current-password"}),
        ("/staff/sign-in", {"email": "username", "password": "current-password"}),
    ],
)
def test_nobody_has_to_remember_or_solve_anything_to_sign_in(
    person: Callable[..., Any], path: str, tokens: dict[str, str]
) -> None:
    """WCAG 3.3.8: a password manager fills it in, and what was copied can be pasted."""
    somebody: Resident = person(Resident)
    somebody.page.goto(somebody.service.url + path)
    for name, token in tokens.items():
        control = somebody.control(name)
        assert control.get_attribute("autocomplete") == token
        control.focus()
        somebody.page.evaluate(
            """() => { const data = new DataTransfer(); data.setData('text/plain', 'pasted');
            const paste = new ClipboardEvent('paste', {clipboardData: data, cancelable: true, bubbles: true});
            const allowed = document.activeElement.dispatchEvent(paste);
            if (allowed) document.execCommand('insertText', false, 'pasted'); }"""
        )
        expect(control).to_have_value("pasted")
    assert somebody.page.evaluate(NO_PUZZLE) == 0


def test_nothing_is_asked_twice(person: Callable[..., Any]) -> None:
    """WCAG 3.3.7: what was told before is there when a page is opened again, or a second complaint is made."""
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    told = Told(email="once@resident.example")
    resident.begins()
    resident.writes("what", told.what)
    resident.skips_to("reach")
    for name in ("name", "address", "email"):
        resident.writes(name, getattr(told, name))
    resident.skips_to("check")
    resident.goes_to("/en/tell-us/reach?back=check")
    for name in ("name", "address", "email"):
        expect(resident.control(name)).to_have_value(getattr(told, name))
    resident.goes_to("/en/tell-us/check")
    resident.sends()
    resident.opens_the_portal()
    resident.begins()
    resident.writes("what", "The lift is broken.")
    resident.skips_to("check")  # who, where and how to answer are known
    resident.sees(told.name, "4 Elm Court")
