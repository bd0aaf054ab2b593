"""What colleagues do: sign in, find a case, act on it, and write the letters that follow."""

import re
from collections.abc import Mapping
from datetime import date

from playwright.sync_api import Locator, expect

from tests.support.e2e_people import Person
from tests.support.e2e_service import PASSWORD


class Colleague(Person):
    """Somebody who works for the landlord, in their own browser. Each verb ends on the page that follows."""

    def signs_in(self, address: str, password: str = PASSWORD) -> None:
        """Through the door, to the page where this person's day begins."""
        self.goes_to("/staff/")
        expect(self.page).to_have_url(re.compile("/staff/sign-in"))
        self.writes("email", address)
        self.writes("password", password)
        self.presses(self.page.locator("main form button[type=submit]"))
        expect(self.page).to_have_url(re.compile(r"/staff/(inbox|intake|dashboard|home|failed|people|admin)"))
        self.looks()

    def finds(self, ref: str, tab: str = "all-open") -> Locator:
        """The row of a case in a list of the inbox."""
        self.goes_to(f"/staff/inbox?tab={tab}")
        row = self.page.locator(
            "li.app-row, main tr", has=self.page.locator(f'a[href*="/staff/cases/{ref}"]')
        )
        onward = self.page.locator(".govuk-pagination__next a")
        while not row.count() and onward.count():  # other journeys fill the list too
            self.goes_to(str(onward.get_attribute("href")))
        expect(row).to_be_visible()
        return row

    def opens(self, ref: str, tab: str = "") -> None:
        """The page of a case, and one of its parts."""
        self.goes_to(f"/staff/cases/{ref}" + (f"?tab={tab}" if tab else ""))
        self.sees(ref)

    # Acting -------------------------------------------------------------------------------------------------

    def takes_the_next_step(self, action: str) -> None:
        """Follow the main button of the case, which must lead to this action."""
        step = self.page.locator("#next-step")
        expect(step).to_have_attribute("href", re.compile(rf"/{action}(\?|$)"))
        self.presses(step)
        self._arrives_at(action)

    def begins(self, ref: str, action: str, query: str = "") -> None:
        """The form of an action, from the case's list of all that can be done."""
        self.opens(ref)
        others = self.page.locator(".app-others > summary")
        self.presses(others)
        self.presses(self.page.locator(f'.app-others a[href*="/cases/{ref}/{action}"]').first)
        self._arrives_at(action)

    def may_begin(self, ref: str, action: str) -> bool:
        """Whether the page of the case offers an action."""
        self.opens(ref)
        return self.page.locator(f'main a[href*="/cases/{ref}/{action}"]').count() > 0

    def _arrives_at(self, action: str) -> None:
        expect(self.page).to_have_url(re.compile(rf"/{action}(\?|$)"))
        expect(self.page.locator("form#act")).to_be_visible()
        self.looks()

    def writes_all(self, answers: Mapping[str, str]) -> None:
        """Fill several boxes by name."""
        for name, text in answers.items():
            self.writes(name, text)

    def dates(self, name: str, day: date) -> None:
        """A date, in its three boxes."""
        for part in ("day", "month", "year"):
            self.writes(f"{name}-{part}", str(getattr(day, part)))

    def picks_person(self, name: str, who: str) -> None:
        """A colleague from a list that shows more than the name."""
        box = self.control(name)
        value = box.locator("option", has_text=who).get_attribute("value")
        assert value
        box.select_option(value)

    def saves(self, action: str) -> None:
        """Press the main button of a form without a letter; the case says that it is done."""
        self.presses(self.page.locator("form#act .app-actions button[value=save]"))
        self._is_done(action)

    def previews(self) -> Locator:
        """Look at the letter before it goes."""
        self.presses(self.page.locator("form#act .app-actions button[value=preview]"))
        letter = self.page.locator("#letter")
        expect(letter).to_be_visible()
        self.looks()
        return letter

    def sends(self, action: str) -> None:
        """Send the letter that is shown."""
        self.presses(self.page.locator("form#act .app-actions button[value=send]"))
        self._is_done(action)

    def is_refused(self, *words: str) -> None:
        """The page comes back and says what stands in the way, with the clause."""
        expect(self.page.locator(".govuk-error-summary, #misses").first).to_be_visible()
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)
        self.looks()

    def _is_done(self, action: str) -> None:
        expect(self.page).to_have_url(re.compile(rf"done={action}"))
        expect(self.page.locator(".govuk-notification-banner")).to_be_visible()
        self.looks()

    # What the Code asks for, in the order in which it is done ----------------------------------------------

    def triages(self, ref: str, note: str, risk: str = "routine") -> None:
        """Judge how urgent it is, after a call."""
        self.begins(ref, "triage")
        self.chooses("risk", risk)
        self.writes("note", note)
        self.saves("triage")

    def defines(self, ref: str, points: tuple[str, ...], outcome: str, ours: str, not_ours: str) -> None:
        """Write how we understand the complaint."""
        self.begins(ref, "define")
        for _ in points[1:]:
            self.presses(self.page.locator('button[value="add:points"]'))
        for at, text in enumerate(points):
            self.writes(f"points-{at}-text", text)
        self.writes("outcomes-0-text", outcome)
        self.writes("responsible_for", ours)
        self.writes("not_responsible_for", not_ours)
        self.saves("define")

    def allocates(self, ref: str, to: str) -> None:
        """Name who looks into it."""
        self.begins(ref, "allocate")
        self.picks_person("to", to)
        self.saves("allocate")

    def acknowledges(self, ref: str) -> str:
        """Look at the acknowledgement, then send it; returns its words."""
        self.begins(ref, "acknowledge")
        words = self.previews().inner_text()
        self.sends("acknowledge")
        return words

    def records_contact(self, ref: str, words: str) -> None:
        """The handler's first contact at this stage."""
        self.begins(ref, "record_contact")
        self.picks("channel", "phone")
        self.writes("words", words)
        self.chooses("first_contact", "y")
        self.writes("contact_agreement", "A call every Friday after 4 pm")
        self.saves("record_contact")

    def decides(self, ref: str, findings: Mapping[int, tuple[str, str, str, str]]) -> None:
        """Each point: finding, reasons, what they rest on, and the apology ("" for none)."""
        self.begins(ref, "decide")
        for point, (finding, reasons, basis, apology) in findings.items():
            self.chooses(f"p{point}-finding", finding)
            self.writes_all({f"p{point}-reasons": reasons, f"p{point}-basis": basis})
            if apology:
                self.writes(f"p{point}-apology", apology)
        self.saves("decide")

    def offers(self, ref: str, kind: str, text: str, by: date, pounds: str = "") -> None:
        """A remedy, with its day and, for money, its sum."""
        self.begins(ref, "offer_remedy")
        self.chooses("kind", kind)
        self.writes("text", text)
        self.dates("by_on", by)
        if pounds:
            self.writes("amount", pounds)
        self.saves("offer_remedy")

    def promises(self, ref: str, text: str, owner: str, due: date) -> None:
        """A commitment with its owner and its day."""
        self.begins(ref, "commit")
        self.writes("text", text)
        self.dates("due_on", due)
        self.picks_person("owner", owner)
        self.saves("commit")

    def asks(self, ref: str, action: str, name: str, other: "Colleague") -> None:
        """Keep the form that is open as a draft, and have a colleague say yes to it in their own browser."""
        self.presses(self.page.locator("form#act .app-actions button[value=draft]"))
        self.begins(ref, "ask_check")
        self.chooses("about", action)
        self.picks_person("of", name)
        self.saves("ask_check")
        other.begins(ref, "check")
        other.chooses("about", action)
        other.chooses("fine", "yes")
        other.saves("check")

    def answers(
        self, ref: str, decision: str, steps: str, checker: str = "", by: "Colleague | None" = None
    ) -> str:
        """The response of the stage the case is in; returns the words of its letter.

        `checker`, in the browser `by`, reads it first, where the landlord asks for that.
        """
        self.begins(ref, "respond")
        self.writes_all({"decision": decision, "steps_taken": steps})
        self.writes("apology", "We are sorry that this took us so long.")
        self.writes("learning", "We now check every wall again three months after it was treated.")
        if checker and self.control("checked_by").count():
            self.picks_person("checked_by", checker)
            if by is not None:
                self.asks(ref, "respond", checker, by)
                self.begins(ref, "respond")
        words = self.previews().inner_text()
        self.sends("respond")
        return words

    def learns(self, ref: str, words: str) -> None:
        """What we learned, before the record closes."""
        self.begins(ref, "record_learning")
        self.writes("words", words)
        self.saves("record_learning")

    def closes(self, ref: str, reason: str) -> str:
        """Close the record; returns the words of the letter."""
        self.begins(ref, "close")
        self.chooses("reason", reason)
        words = self.previews().inner_text()
        self.sends("close")
        return words
