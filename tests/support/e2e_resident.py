"""What a resident does: complain, keep the receipt, come back, follow the complaint, ask for stage 2."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.support.e2e_people import KeyboardPerson, Person
from tests.support.e2e_service import SIGN_IN, digits_of, words_of


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells the landlord. Empty answers are skipped."""

    name: str = "Amina Yusuf"
    email: str = ""
    phone: str = "01632 960 001"
    address: str = "4 Elm Court\nWidnes"
    postcode: str = "WA8 0TD"
    what: str = "There is mould on the wall of the bedroom.\nIt came back after it was painted over."
    started: str = "last winter"
    effect: str = "My son coughs at night."
    danger: str = "no"
    wanted: str = "Find the leak and mend it."
    files: tuple[Path, ...] = ()
    prefers: str = "phone"
    times: str = "only after 4 pm"
    relation: str = "tenant"
    needs: tuple[tuple[str, str], ...] = (("needs_writing", "large_print"), ("needs_time", "set_times"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the resident was given: reference, code, and the whole of what the page said."""

    ref: str
    code: str
    words: str


class Resident(Person):
    """Somebody in their own browser. `language` is the first part of every address of the portal."""

    language: str = "en"

    # The complaint ------------------------------------------------------------------------------------------

    def opens_the_portal(self, language: str = "en") -> None:
        """The first page."""
        self.language = language
        self.goes_to(f"/{language}/")

    def complains(self, told: Told) -> Receipt:
        """From the first page to the receipt, one question a page."""
        self.answers_every_question(told)
        return self.sends()

    def complains_in_short(self, told: Told) -> Receipt:
        """The shortest honest complaint: what is wrong, who, where, and one way to reach them."""
        self.begins()
        self.writes("what", told.what)
        self.skips_to("reach")
        for name in ("name", "address", "email"):
            self.writes(name, getattr(told, name))
        self.skips_to("check")
        return self.sends()

    def skips_to(self, to: str) -> None:
        """Leave out the optional questions."""
        self.presses(self.page.locator("form#question .app-actions button[value=rest]"))
        self.arrives_at(to)

    def answers_every_question(self, told: Told) -> None:
        """All questions, as far as the page on which the answers are checked."""
        self.begins()
        self.tells_what_happened(told)
        self.adds_files(told.files)
        self.goes_on("reach")
        self.says_who_and_where(told)

    def begins(self, who: str = "me") -> None:
        """From the first page to the first question."""
        self.chooses("who", who)
        self.presses(self.page.locator("form#start .govuk-button"))
        self.arrives_at("what")

    def tells_what_happened(self, told: Told) -> None:
        """What, since when, what it does, how dangerous it is, and what would help."""
        self.writes("what", told.what)
        self.goes_on("started")
        self.writes("started", told.started)
        self.goes_on("effect")
        self.writes("effect", told.effect)
        self.goes_on("danger")
        self.chooses("danger", told.danger)
        self.goes_on("wanted")
        self.writes("wanted", told.wanted)
        self.goes_on("files")

    def says_who_and_where(self, told: Told) -> None:
        """Name and home, safe ways, what they are to the landlord, and what they need."""
        for name in ("name", "address", "postcode", "email", "phone"):
            self.writes(name, getattr(told, name))
        self.goes_on("safe")
        self.chooses("prefers", told.prefers)
        self.writes("times", told.times)
        self.goes_on("relation")
        self.chooses("relation", told.relation)
        self.goes_on("needs")
        for group, need in told.needs:
            self.chooses(group, need)
        self.goes_on("check")

    def adds_files(self, files: Sequence[Path]) -> None:
        """Choose files on the page of files, and wait until each of them is listed."""
        if not files:
            return
        before = self.listed_files().count()
        self.attaches("files", files)
        if not self.scripts:  # a script sends what was chosen by itself
            self.presses(self.page.locator("main button[value=upload]"))
        expect(self.listed_files()).to_have_count(before + len(files), timeout=60_000)
        self.looks()

    def listed_files(self) -> Locator:
        """The files that have been taken, on the page of files."""
        return self.page.locator("#_files li")

    def goes_on(self, to: str) -> None:
        """Press Continue, and arrive at the question of that name."""
        self.presses(self.page.locator("form#question .app-actions button[value=continue]"))
        self.arrives_at(to)

    def arrives_at(self, name: str) -> None:
        """The page of that question is shown."""
        expect(self.page).to_have_url(re.compile(rf"/{self.language}/tell-us/{name}(\?|$)"))
        form = "form#send" if name == "check" else f'form#question[action*="/tell-us/{name}"]'
        expect(self.page.locator(form)).to_be_visible()
        self.looks()

    def sends(self) -> Receipt:
        """Press Send on the page on which the answers are checked."""
        self.presses(self.page.locator("form#send .govuk-button"))
        return self.reads_the_receipt()

    def reads_the_receipt(self) -> Receipt:
        """Reference and code, from the page that is shown after sending."""
        expect(self.page).to_have_url(re.compile(rf"/{self.language}/receipt$"))
        self.looks()
        return Receipt(
            ref=bare(self.page.locator(".govuk-panel__body strong").inner_text()),
            code=bare(self.page.locator(".app-code").inner_text()),
            words=self.page.locator("main").inner_text(),
        )

    # After sending ------------------------------------------------------------------------------------------

    def signs_in(self, receipt: Receipt) -> None:
        """By reference and code, on any device."""
        self.goes_to(f"/{self.language}/sign-in")
        self.writes("ref", receipt.ref)
        self.writes("code", receipt.code)
        self.presses(self.page.locator("form#sign-in .govuk-button"))
        self.sees_my_complaint()

    def asks_for_a_link(self, address: str) -> None:
        """By e-mail: ends on the page that waits for the six digits."""
        self.goes_to(f"/{self.language}/sign-in/link")
        self.writes("who", address)
        self.presses(self.page.locator("form#ask .govuk-button"))
        expect(self.page.locator("form#digits-form")).to_be_visible()
        self.looks()

    def types_the_digits(self, digits: str) -> None:
        """The six digits of the e-mail, on the device that asked for them."""
        self.writes("digits", digits)
        self.presses(self.page.locator("form#digits-form .govuk-button"))
        self.sees_my_complaint()

    def signs_in_by_mail(self, address: str) -> None:
        """As somebody who has lost the code."""
        before = sum(SIGN_IN in words_of(one) for one in self.service.letters_to(address))
        self.asks_for_a_link(address)
        self.types_the_digits(digits_of(self.service, address, before))

    def sees_my_complaint(self) -> None:
        """The page of the complaint is shown."""
        expect(self.page).to_have_url(re.compile(rf"/{self.language}/my-complaint(\?|$)"))
        expect(self.page.locator("#_progress")).to_be_visible()
        self.looks()

    def opens_my_complaint(self) -> None:
        """Look at it again, later."""
        self.goes_to(f"/{self.language}/my-complaint")
        self.sees_my_complaint()

    def letters(self) -> Locator:
        """The letters that can be read, newest first."""
        return self.page.locator("#_letters li a")

    def reads_the_newest_letter(self) -> str:
        """Open it, and come back; returns its words."""
        self.presses(self.letters().first)
        expect(self.page).to_have_url(re.compile(r"/my-complaint/letters/\d+$"))
        self.looks()
        words = self.page.locator("main").inner_text()
        self.opens_my_complaint()
        return words

    def promised(self) -> Locator:
        """The promises, in their order."""
        return self.page.locator("#_promises .app-card")

    def escalates(self) -> None:
        """Ask for stage 2, and give no reason."""
        self.presses(self.page.locator('#_progress a[href$="/my-complaint/escalate"]'))
        expect(self.page.locator("form#answer")).to_be_visible()
        self.looks()
        self.presses(self.page.locator("form#answer .app-actions button"))
        expect(self.page).to_have_url(re.compile("done=escalated"))
        self.sees_my_complaint()

    def answers_the_form(self, done: str) -> None:
        """Send the form of a page of the complaint; the complaint says that we have it."""
        self.presses(self.page.locator("form#answer .app-actions .govuk-button").first)
        expect(self.page).to_have_url(re.compile(rf"/my-complaint(/messages)?\?.*done={done}"))
        expect(self.page.locator(".govuk-notification-banner")).to_be_visible()
        self.looks()


class KeyboardResident(KeyboardPerson, Resident):
    """A resident who has no mouse."""


def bare(text: str) -> str:
    """Text without the marks that keep it in one piece inside right-to-left words."""
    return re.sub(r"[\u2066-\u2069\u200e\u200f\s]", "", text)
