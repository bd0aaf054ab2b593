"""A colleague's browser on one case, for tests that walk through the staff pages as a person would."""

from datetime import timedelta
from typing import Any

from flask import Flask

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.case_view import CaseView
from shared.cases.state import CaseState, Point
from shared.db import db
from shared.identity.actors import Resident
from shared.letters.facts import Words
from shared.models import StaffAccount
from shared.vocab import Finding, Risk, Role
from tests.support import staff as made
from tests.support.client import Client, Page


class Desk:
    """One colleague's browser on one case."""

    def __init__(self, client: Client, account: StaffAccount, ref: str) -> None:
        self.client, self.account, self.ref = client, account, ref

    @classmethod
    def of(cls, app: Flask, role: Role, ref: str, name: str = "") -> "Desk":
        """A new colleague at a new desk."""
        return cls(*made.signed_in(app, role, name=name), ref)

    def url(self, action: str = "", query: str = "") -> str:
        return f"/staff/cases/{self.ref}" + (f"/{action}" if action else "") + query

    def see(self, query: str = "") -> Page:
        return self.client.page(self.url(query=query))

    def form(self, action: str, query: str = "") -> Page:
        return self.client.page(self.url(action, query))

    def do(self, action: str, data: dict[str, Any], query: str = "", **more: Any) -> Page:
        """Fill in the form of an action and press its main button."""
        return self.press(self.form(action, query), data, **more)

    def press(self, page: Page, data: dict[str, Any] | None = None, press: str = "", **more: Any) -> Page:
        """Fill in a form that is open and press its main button, or the one named."""
        main = page.all("#act .app-actions button")[0].get_text().strip()
        return self.client.send(page, data, form="#act", press=press or main, **more)

    def send(self, action: str, data: dict[str, Any]) -> Page:
        """Preview a letter, look at it, send it."""
        shown = self.do(action, data)
        assert shown.h1 == "Check the letter before it goes", shown.main[:800]
        return self.press(shown)

    def asks(self, action: str, data: dict[str, Any], other: "Desk", fine: str = "yes") -> None:
        """Keep a draft of a step, ask a colleague for their yes, and get their answer."""
        self.do(action, data, press="Save draft")
        self.do("ask_check", {"about": action, "of": str(other.account.id)})
        other.do("check", {"about": action, "fine": fine, "words": "" if fine == "yes" else "No."})

    @property
    def view(self) -> CaseView:
        """The case as it now stands."""
        db.session.expire_all()
        return queries.case(self.ref, made.actor(self.account))

    @property
    def state(self) -> CaseState:
        return self.view.state


def day(name: str, ahead: int = 0) -> dict[str, str]:
    """The boxes of a date some days from today."""
    on = clock.today() + timedelta(days=ahead)
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


class Life:
    """Brings a case to a stage by the real steps, each taken by somebody who may."""

    def __init__(self, ref: str, officer: StaffAccount, handler: StaffAccount) -> None:
        self.ref, self.officer, self.handler = ref, officer, handler

    def by(self, account: StaffAccount, *commands: c.Command) -> None:
        for command in commands:
            service.perform(self.ref, command, made.actor(account))
        db.session.expire_all()

    def defined(self) -> "Life":
        self.by(
            self.officer,
            c.Triage(risk=Risk.ROUTINE),
            c.Define(
                points=(
                    Point(number=1, text=Words("Mould in the bedroom")),
                    Point(number=2, text=Words("No call back")),
                ),
                outcomes=(Words("The mould treated"),),
                responsible_for=Words("The repair and our calls."),
                not_responsible_for=Words("Nothing lies outside our responsibility."),
            ),
        )
        return self

    def at_stage_1(self) -> "Life":
        self.defined()
        made.allocate(self.ref, self.handler, self.officer)
        self.by(self.officer, c.Acknowledge())
        return self

    def decided(self) -> "Life":
        for point in (1, 2):
            self.by(
                self.handler,
                c.Decide(
                    point=point,
                    finding=Finding.NOT_UPHELD,
                    reasons=Words("The record shows it was done."),
                    basis=Words("Repairs policy, section 4"),
                ),
            )
        return self

    def answered(self) -> "Life":
        self.at_stage_1().decided()
        self.by(
            self.handler,
            c.Respond(
                decision=Words("We do not agree with your complaint."),
                steps_taken=Words("We read the records."),
                no_remedy_reason=Words("Nothing went wrong."),
                nothing_outstanding=True,
            ),
        )
        return self

    def escalated(self) -> "Life":
        self.answered()
        service.perform(self.ref, c.Escalate(), Resident(self.ref, "Mina Rahman"))
        db.session.expire_all()
        return self

    def at_stage_2(self, reviewer: StaffAccount) -> "Life":
        self.escalated()
        self.by(reviewer, c.Allocate(to=made.ref_of(reviewer)), c.Acknowledge())
        return self


def life(**person: Any) -> Life:
    """A new complaint with an officer and a handler of its own."""
    return Life(made.complaint(**person), made.colleague(Role.OFFICER), made.colleague(Role.HANDLER))


def desk_of(app: Flask, account: StaffAccount, ref: str) -> Desk:
    """The desk of somebody who has an account already."""
    return Desk(made.sign_in(made.browser(app), account), account, ref)
