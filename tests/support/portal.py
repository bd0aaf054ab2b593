"""Residents and helpers for tests of the portal: cases by the real steps, doors by the real pages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from shared import clock
from shared.cases import approvals, queries, service
from shared.cases import commands as c
from shared.cases.state import CaseState, Consent, Person, Point, StaffRef, Story
from shared.db import db
from shared.identity.actors import Representative, Resident, Staff
from shared.letters.facts import Words
from shared.models import StaffAccount
from shared.vocab import Channel, ConsentScope, Finding, Kind, Role
from tests.support.client import Client, Page
from tests.support.staff import LANDLORD, actor, colleague, ref_of

MINA = "Mina Rahman"
SAM = "Sam Ali"
WORDS = Words("We looked at the home and at our notes.")


@dataclass
class Complaint:
    """A case with the codes of its people."""

    ref: str
    code: str
    helper_code: str = ""

    @property
    def resident(self) -> Resident:
        return Resident(self.ref, MINA)

    @property
    def representative(self) -> Representative:
        return Representative(self.ref, SAM, ConsentScope.NONE)

    @property
    def state(self) -> CaseState:
        """The case as its resident may see it now."""
        return queries.case(self.ref, self.resident).state


def complaint(*, helper: bool = False, what: str = "There is mould in the bedroom", **more: Any) -> Complaint:
    """A complaint as it comes in, by the resident or by somebody who helps her."""
    by: Staff | None = more.pop("by", None)
    person = Person(
        name=MINA,
        email=more.pop("email", "mina@resident.example"),
        phone="01632 960 001",
        address=("4 Elm Court", "Widnes"),
        postcode="WA8 0TD",
    )
    sam = Person(name=SAM, email="sam@helper.example", relationship="friend") if helper else None
    command = c.Submit(
        kind=more.pop("kind", Kind.COMPLAINT),
        language=more.pop("language", "en"),
        channel=Channel.PORTAL,
        story=more.pop("story", Story(what=what)),
        resident=person,
        helper=sam,
        **more,
    )
    who = Representative("", SAM, ConsentScope.NONE) if helper else Resident("", MINA)
    done = service.submit(command, by or who, LANDLORD)
    return Complaint(
        done.ref,
        done.codes.get(f"resident:{done.ref}", ""),
        done.codes.get(f"representative:{done.ref}:1", ""),
    )


@dataclass
class Team:
    """The colleagues who bring a case forward, and the steps that they take."""

    officer: StaffAccount
    handler: StaffAccount
    manager: StaffAccount
    reviewer: StaffAccount

    def does(self, ref: str, command: c.Command, by: StaffAccount | None = None) -> None:
        """One step; whoever it names as approver or reader has said yes before, in person."""
        by = by or self.officer
        named = getattr(command, "approver", None) or getattr(command, "checked_by", None)
        if named is not None and named.id != by.id:
            exactly = approvals.covered(queries.case(ref, actor(by)).state, command)
            ask = c.AskCheck(of=named, about=command.action, exactly=exactly)
            service.perform(ref, ask, actor(by))
            other = db.session.get_one(StaffAccount, named.id)
            service.perform(ref, c.Check(about=command.action, fine=True), actor(other))
        service.perform(ref, command, actor(by))
        db.session.expire_all()

    def as_actor(self) -> Staff:
        return actor(self.officer)

    def acknowledge(self, ref: str, handler: StaffAccount | None = None) -> None:
        """Define, name a handler, acknowledge; at either stage."""
        self.does(
            ref,
            c.Define(
                points=(Point(number=1, text=Words("Mould in the bedroom")),),
                outcomes=(Words("Take the mould away"),),
                responsible_for=Words("The walls"),
                not_responsible_for=Words("Nothing else"),
            ),
        )
        self.does(ref, c.Allocate(to=ref_of(handler or self.handler)))
        self.does(ref, c.Acknowledge())

    def promise(self, ref: str) -> None:
        self.does(
            ref,
            c.Commit(text=Words("We paint the wall"), owner=ref_of(self.handler), due_on=clock.today()),
            self.handler,
        )

    def respond(self, ref: str, by: StaffAccount | None = None) -> None:
        """Decide the one point and answer the stage."""
        by = by or self.handler
        self.does(
            ref,
            c.Decide(point=1, finding=Finding.UPHELD, reasons=WORDS, basis=WORDS, apology=Words("Sorry.")),
            by,
        )
        self.does(
            ref,
            c.OfferRemedy(kind="apology", text=Words("We say sorry")),
            by,
        )
        self.does(
            ref,
            c.Respond(
                decision=WORDS,
                steps_taken=WORDS,
                apology=Words("We are sorry."),
                learning=Words("We check walls each year."),
                contributors="Repairs team",
                checked_by=ref_of(self.officer),
            ),
            by,
        )


def team() -> Team:
    """One of each."""
    return Team(
        colleague(Role.OFFICER),
        colleague(Role.HANDLER),
        colleague(Role.MANAGER),
        colleague(Role.HANDLER, Role.SERVICE_MANAGER, name="Rita Reviewer"),
    )


def ref_staff(account: StaffAccount) -> StaffRef:
    return ref_of(account)


def consent(case: Complaint, scope: ConsentScope, **more: Any) -> None:
    """The resident's decision."""
    service.perform(
        case.ref, c.SetConsent(consent=Consent(scope=scope, basis="written", **more)), case.resident
    )
    db.session.expire_all()


def browser(app: Flask) -> Client:
    """One more browser."""
    found = app.test_client()
    assert isinstance(found, Client)
    return found


def sign_in(client: Client, ref: str, code: str) -> Client:
    """Through the door, as a person would."""
    client.submit(f"/en/sign-in?ref={ref}", {"code": code}, form="#sign-in", follow=False)
    return client


def to_check(client: Client) -> Page:
    """The shortest way through the complaint, up to the page whose button sends it."""
    page = client.submit("/en/", {"who": "me"}, form="#start")
    page = client.send(page, {"what": "The lift is broken"}, form="#question", press="Skip the optional")
    answers = {"name": "Amina", "address": "4 Elm Court", "email": "a@resident.example"}
    return client.send(page, answers, form="#question", press="Skip the optional")
