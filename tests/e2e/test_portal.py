"""The complaint in the ways in which people use a browser: keys alone, bad signal, two clicks, long pauses."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect

from shared import samples as cases
from tests.support import samples
from tests.support.e2e_checks import NARROW
from tests.support.e2e_resident import KeyboardResident, Resident, Told
from tests.support.e2e_service import until, words_of

SHORT = Told(effect="", started="", wanted="", needs=(), times="")


def cases_of(resident: Resident, address: str) -> int:
    """How many complaints came from somebody: each sends one receipt, so the letters are counted."""
    rows = resident.service.read("SELECT count(*) FROM outbox WHERE recipient = :to", to=address)
    count = rows[0][0]
    assert isinstance(count, int)
    return count


def test_with_keys_alone_and_a_small_window(
    person: Callable[..., Any], photo: Path, iphone_photo: Path, paper: Path
) -> None:
    resident: KeyboardResident = person(KeyboardResident, viewport=NARROW)
    resident.opens_the_portal("en")
    files = (photo, iphone_photo, paper)
    receipt = resident.complains(Told(email="keys@resident.example", files=files))
    assert receipt.ref.startswith("HAL-")
    assert cases_of(resident, "keys@resident.example") == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_right_to_left(
    person: Callable[..., Any], photo: Path, iphone_photo: Path, paper: Path, scripts: bool
) -> None:
    resident: Resident = person(Resident, scripts=scripts)
    resident.opens_the_portal("ar")
    address = f"rtl.{scripts}@resident.example".lower()
    receipt = resident.complains(Told(email=address, files=(photo, iphone_photo, paper)))
    assert receipt.code
    assert receipt.ref in words_of(resident.service.letter_to(address, "receipt"))


def test_the_language_changes_at_any_point_and_no_word_is_lost(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal("en")
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.page.locator('.app-languages button[value^="ar"]').click()
    resident.language = "ar"
    resident.arrives_at("what")
    expect(resident.control("what")).to_have_value(SHORT.what)
    resident.goes_on("started")
    resident.page.locator('.app-languages button[value^="en"]').click()
    resident.language = "en"
    resident.arrives_at("started")
    resident.page.go_back()
    resident.goes_to("/en/tell-us/what")
    expect(resident.control("what")).to_have_value(SHORT.what)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_is_missing_is_said_where_it_is_missing(person: Callable[..., Any], scripts: bool) -> None:
    resident: Resident = person(Resident, scripts=scripts)
    resident.opens_the_portal("en")
    resident.begins()
    resident.presses(resident.page.locator("form#question .app-actions button[value=continue]"))
    summary = resident.page.locator(".govuk-error-summary")
    expect(summary).to_be_visible()
    if scripts:
        expect(summary).to_be_focused()
    resident.looks()
    resident.presses(summary.locator("a").first)
    expect(resident.control("what")).to_be_focused()
    resident.writes("what", SHORT.what)
    resident.goes_on("started")
    resident.goes_to("/en/tell-us/check")
    resident.presses(resident.page.locator("form#send .govuk-button"))
    expect(summary).to_be_visible()
    resident.looks()
    resident.presses(summary.locator("a").first)
    resident.arrives_at("reach")
    resident.writes("name", "Amina Yusuf")
    resident.writes("postcode", "99")
    resident.presses(resident.page.locator("form#question .app-actions button[value=continue]"))
    expect(summary).to_be_visible()
    expect(resident.control("name")).to_have_value("Amina Yusuf")
    resident.looks()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_two_clicks_send_one_complaint(person: Callable[..., Any], scripts: bool) -> None:
    resident: Resident = person(Resident, scripts=scripts)
    address = f"twice.{scripts}@resident.example".lower()
    resident.opens_the_portal("en")
    resident.answers_every_question(Told(email=address))
    second = resident.page.context.new_page()
    second.goto(resident.service.url + "/en/tell-us/check")
    resident.page.locator("form#send .govuk-button").dblclick()
    receipt = resident.reads_the_receipt()
    second.locator("form#send .govuk-button").click()
    expect(second).to_have_url(re.compile("/en/receipt$"))
    expect(second.locator(".govuk-panel__body")).to_contain_text(receipt.ref)
    assert cases_of(resident, address) == 1


def test_the_draft_survives_a_lost_connection_between_questions(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal("en")
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.page.context.set_offline(True)
    resident.presses(resident.page.locator("form#question .app-actions button[value=continue]"))
    expect(resident.page.locator("#alert")).not_to_be_empty()
    expect(resident.control("what")).to_have_value(SHORT.what)
    resident.page.context.set_offline(False)
    resident.page.wait_for_timeout(1_100)  # a button takes no second press within a second
    resident.goes_on("started")
    resident.checks.forgive("console: htmx:")
    resident.goes_to("/en/")
    resident.goes_to("/en/tell-us/what")
    expect(resident.control("what")).to_have_value(SHORT.what)


def test_an_upload_goes_on_where_a_lost_connection_or_its_sender_broke_it_off(
    person: Callable[..., Any], tmp_path: Path
) -> None:
    large = tmp_path / "a large photo.png"
    large.write_bytes(samples.saved("PNG", Image.effect_noise((1500, 1500), 90)))
    assert large.stat().st_size > 1_500_000
    resident: Resident = person(Resident)
    resident.opens_the_portal("en")
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.goes_on("started")
    resident.goes_to("/en/tell-us/files")
    begun: list[str] = []
    resident.page.on("request", lambda request: _note_piece(request, begun))
    slow = resident.page.context.new_cdp_session(resident.page)
    slow.send("Network.enable")
    _connection(slow, upload=400_000)
    resident.control("files").set_input_files(large)
    row = resident.page.locator("[data-queue] li")
    bar = row.locator("progress")
    expect(bar).to_be_visible()
    until(lambda: bar.evaluate("e => e.value") > 600_000, "the second piece is on its way")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    expect(resident.page.locator("#status")).to_contain_text("Cancelled")
    expect(resident.control("files")).to_be_focused()
    resident.control("files").set_input_files(large)
    until(lambda: bar.evaluate("e => e.value") > 600_000, "the piece that was cancelled is on its way again")
    _connection(slow, offline=True)
    expect(row).to_contain_text("The connection was lost")
    _connection(slow)
    expect(resident.listed_files()).to_have_count(1, timeout=60_000)
    assert begun.count("0") == 1, f"the upload went on instead of starting again: {begun}"


def test_a_complaint_can_be_spoken(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident, permissions=["microphone"])
    resident.opens_the_portal("en")
    resident.begins()
    resident.goes_to("/en/tell-us/files")
    resident.presses(resident.page.locator("[data-record]"))
    expect(resident.page.locator("[data-clock]")).to_contain_text("0:02")
    expect(resident.page.locator("[data-stop]")).to_be_focused()
    resident.presses(resident.page.locator("[data-stop]"))
    expect(resident.listed_files()).to_have_count(1, timeout=60_000)
    heard = resident.listed_files().locator("a").get_attribute("href")
    answer = resident.page.context.request.get(f"{resident.service.url}{heard}")
    assert answer.headers["content-type"].startswith("audio/")
    assert len(answer.body()) > 2_000


def _note_piece(request: Request, begun: list[str]) -> None:
    found = re.search(r"/piece\?.*offset=(\d+)", request.url)
    if found and request.method == "POST":
        begun.append(found[1])


def _connection(slow: Any, upload: int = -1, offline: bool = False) -> None:
    """Bytes a second up (-1: no limit), or none at all."""
    how = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload}
    slow.send("Network.emulateNetworkConditions", how)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_session_that_ended_costs_no_word(person: Callable[..., Any], scripts: bool) -> None:
    resident: Resident = person(Resident, scripts=scripts)
    resident.opens_the_portal("en")
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.goes_on("started")
    resident.writes("started", "last winter")
    resident.page.context.clear_cookies()
    resident.presses(resident.page.locator("form#question .app-actions button[value=continue]"))
    expect(resident.page.locator("main")).to_contain_text("Nothing that you wrote is lost")
    expect(resident.control("started")).to_have_value("last winter")
    resident.looks()
    resident.goes_on("effect")
    resident.goes_to("/en/tell-us/what")
    expect(resident.control("what")).to_have_value(SHORT.what)


def test_somebody_comes_back_on_another_device_by_link_or_code(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal("en")
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.presses(resident.page.locator("form#question button[value=later]"))
    expect(resident.page).to_have_url(re.compile("/tell-us/later$"))
    resident.looks()
    resident.presses(resident.page.locator("form#code .govuk-button"))
    expect(resident.page.locator(".app-code")).to_be_visible()
    resident.looks()
    code = resident.page.locator(".app-code").inner_text()
    resident.goes_to("/en/tell-us/later")
    resident.writes("email", "later@resident.example")
    resident.presses(resident.page.locator("form#mail .govuk-button"))
    expect(resident.page).to_have_url(re.compile("/tell-us/later/sent$"))
    resident.looks()
    link = re.search(
        r"https?://\S+", words_of(resident.service.message_to("later@resident.example", "/come-back"))
    )
    assert link
    for way in (link[0].removeprefix(resident.service.url), "/en/come-back"):
        elsewhere: Resident = person(Resident)
        elsewhere.goes_to(way)
        if not elsewhere.control("code").input_value():
            elsewhere.writes("code", code)
        elsewhere.presses(elsewhere.page.locator("form#back .govuk-button"))
        elsewhere.arrives_at("what")
        expect(elsewhere.control("what")).to_have_value(SHORT.what)
    resident.goes_to("/en/tell-us/forget")
    resident.presses(resident.page.locator("form#forget button"))
    expect(resident.page).to_have_url(re.compile("/en/$"))


def test_danger_shows_whom_to_ring_and_the_complaint_goes_on(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal("en")
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.goes_on("started")
    resident.goes_to("/en/tell-us/danger")
    resident.chooses("danger", "gas")
    resident.presses(resident.page.locator("form#question .app-actions button[value=continue]"))
    expect(resident.page).to_have_url(re.compile("/tell-us/danger-now"))
    resident.sees("0800 111 999")
    resident.looks()
    resident.presses(resident.page.locator("main .govuk-button"))
    resident.arrives_at("wanted")


def test_somebody_who_is_threatened_can_leave_at_once(person: Callable[..., Any]) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    resident.begins()
    resident.writes("what", SHORT.what)
    resident.goes_on("started")
    resident.goes_to("/en/tell-us/danger")
    resident.chooses("danger", "people")
    resident.presses(resident.page.locator("form#question .app-actions button[value=continue]"))
    expect(resident.page).to_have_url(re.compile("/tell-us/danger-now"))
    resident.sees("55")
    resident.looks()
    way_out = resident.page.locator("#_leave a[data-leave]")
    answer = resident.page.context.request.get(
        resident.service.url + (way_out.get_attribute("href") or ""), max_redirects=0
    )
    assert answer.status == 303
    assert not answer.headers["location"].startswith((resident.service.url, "/"))
    resident.goes_to("/en/tell-us/what")
    expect(resident.control("what")).to_have_value("")


def test_a_helper_sees_nothing_until_the_resident_says_yes(person: Callable[..., Any]) -> None:
    resident, helper = "helped@resident.example", "sam@helper.example"
    sam: Resident = person(Resident)
    sam.opens_the_portal()
    sam.chooses("who", "helping")
    sam.presses(sam.page.locator("form#start .govuk-button"))
    sam.arrives_at("what")
    sam.writes("what", SHORT.what)
    sam.skips_to("helper")
    sam.writes("helper_name", "Sam Ali")
    sam.chooses("helper_relation", "friend")
    sam.writes("helper_email", helper)
    sam.goes_on("reach")
    for name, text in (("name", SHORT.name), ("address", SHORT.address), ("email", resident)):
        sam.writes(name, text)
    sam.skips_to("check")
    receipt = sam.sends()
    sam.goes_to("/en/my-complaint")
    sam.sees(receipt.ref)
    assert "mould" not in sam.page.locator("main").inner_text()
    words = words_of(sam.service.message_to(resident, "/consent/"))
    link = re.search(rf"{re.escape(sam.service.url)}(/\S+/consent/[\w-]+)", words)
    assert link
    amina: Resident = person(Resident)
    for _ in range(2):  # a mail scanner opens it first
        amina.goes_to(link[1])
    amina.chooses("scope", "everything")
    amina.presses(amina.page.locator("form#consent .govuk-button"))
    expect(amina.page).to_have_url(re.compile("/consent/done$"))
    amina.looks()
    amina.goes_to(link[1])
    expect(amina.page.locator("form#consent")).to_have_count(0)
    amina.looks()
    sam.goes_to("/en/my-complaint")
    expect(sam.page.locator("#_progress")).to_be_visible()
    sam.looks()


def test_an_unhappy_answer_to_the_survey_becomes_a_complaint(person: Callable[..., Any]) -> None:
    closed = next(one for one in cases.SAMPLES if one.path == "closed")
    resident: Resident = person(Resident)
    resident.signs_in_by_mail(f"{closed.name.lower().replace(' ', '.')}@{cases.DOMAIN}")
    resident.goes_to("/en/my-complaint/feedback")
    resident.chooses("satisfied", "1")
    resident.writes("words", "Nobody came on the day that you said.")
    resident.presses(resident.page.locator("form#answer .app-actions .govuk-button"))
    expect(resident.page).to_have_url(re.compile("/my-complaint/unhappy$"))
    expect(resident.control("words")).to_have_value("Nobody came on the day that you said.")
    resident.looks()
    resident.presses(resident.page.locator("form#answer .app-actions .govuk-button").first)
    assert resident.reads_the_receipt().ref.startswith("HAL-")


def held_focus(page: Page) -> list[str]:
    """Each stop of the Tab key that looks the same with the focus and without it."""
    unseen = []
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    for _ in range(40):
        page.keyboard.press("Tab")
        box = page.evaluate(
            """() => { const e = document.activeElement; if (!e || e === document.body) return null;
            const r = (e.labels && e.labels[0] && e.matches('[type=radio],[type=checkbox]') ? e.labels[0] : e)
                .getBoundingClientRect();
            return {x: Math.max(r.x - 8, 0), y: Math.max(r.y - 8, 0), width: r.width + 16, height: r.height + 16,
                name: e.outerHTML.slice(0, 80)}; }"""
        )
        if box is None:
            break
        name = box.pop("name")
        with_focus = page.screenshot(clip=box)
        page.evaluate("() => { window.held = document.activeElement; window.held.blur(); }")
        without = page.screenshot(clip=box)
        page.evaluate("() => window.held.focus({preventScroll: true})")
        if with_focus == without:
            unseen.append(name)
    return unseen


@pytest.mark.parametrize("path", ["/en/", "/ar/tell-us/danger", "/en/sign-in", "/staff/sign-in"])
def test_the_focus_is_seen_in_forced_colours(person: Callable[..., Any], path: str) -> None:
    somebody: Resident = person(Resident, forced_colors="active", reduced_motion="reduce")
    somebody.page.goto(somebody.service.url + path)
    assert held_focus(somebody.page) == []


def test_nothing_moves_for_those_who_ask_for_that(person: Callable[..., Any]) -> None:
    somebody: Resident = person(Resident, reduced_motion="reduce")
    somebody.page.goto(somebody.service.url + "/en/")
    moving = """() => [...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);
        return parseFloat(s.transitionDuration) > 0.01 || parseFloat(s.animationDuration) > 0.01; })
        .map(e => e.outerHTML.slice(0, 80))"""
    assert somebody.page.evaluate(moving) == []
