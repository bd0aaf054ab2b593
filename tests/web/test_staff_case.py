"""The main path of a case, walked by staff through the pages: triage to stage 1, stage 2 and the end."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.flow import MAY_SUBMIT
from shared.cases.state import Need
from shared.db import db
from shared.identity.actors import Resident
from shared.identity.roles import Permission, may
from shared.letters.facts import Words
from shared.models import Letter
from shared.vocab import STAFF_ROLES, Role, Stage
from staff.forms import FORMS
from tests.support import staff as made
from tests.support.client import Client
from tests.support.desk import Desk, day, desk_of, life


def test_the_whole_way(app: Flask) -> None:
    client, officer = made.signed_in(app, Role.OFFICER, name="Olu Officer")
    other, handler = made.signed_in(app, Role.HANDLER, name="Hana Handler")
    ref = made.complaint()
    desk, bench = Desk(client, officer, ref), Desk(other, handler, ref)

    page = desk.see()
    assert page.h1 == f"{ref}: Mina Rahman"
    assert "Due" in page.text
    assert page.one("#next-step")["href"] == desk.url("triage")
    desk.do("triage", {"risk": "urgent", "at_risk": "A baby with asthma", "note": "Rang her."})
    assert desk.see().one("#next-step")["href"] == desk.url("define")

    first = desk.form("define")
    more = client.send(
        first, {"points-0-text": "Mould in the bedroom"}, form="#act", press="Add another point"
    )
    assert more.one("[name=points-0-text]").get_text().strip() == "Mould in the bedroom"
    client.send(
        more,
        {
            "points-1-text": "Nobody rang back",
            "outcomes-0-text": "The mould treated",
            "responsible_for": "Repairs to the home and our own calls.",
            "not_responsible_for": "Nothing lies outside our responsibility.",
        },
        form="#act",
        press="Save definition",
    )
    assert [p.text.text for p in desk.state.definition.points] == ["Mould in the bedroom", "Nobody rang back"]
    desk.do("allocate", {"to": str(handler.id)})
    done = desk.send("acknowledge", {"message": "Thank you for telling us."})
    assert "Acknowledgement sent" in done.text
    letter = db.session.scalars(select(Letter).where(Letter.kind == "acknowledgement_1")).one()
    assert "Mould in the bedroom" in letter.html
    assert len(letter.digest) == 64

    bench.do("record_contact", {"words": "Talked about the mould."})
    bench.do(
        "decide",
        {
            "p1-finding": "upheld",
            "p1-reasons": "We were told in June and did nothing.",
            "p1-basis": "Repairs policy, section 4",
            "p1-apology": "We are sorry that the mould was left.",
            "p2-finding": "not_upheld",
            "p2-reasons": "The record shows two calls.",
            "p2-basis": "Call records",
        },
    )
    bench.do(
        "offer_remedy",
        {
            "kind": "money",
            "text": "A payment for the delay",
            "amount": "£150.50",
            **day("by_on", 14),
            "breakdown-0-text": "Delay",
            "breakdown-0-amount": "150.50",
        },
    )
    bench.do("commit", {"text": "Treat the mould", "owner_name": "Repairs", **day("due_on", 10)})
    assert bench.state.remedies[0].amount_pence == 15050
    bench.send(
        "respond",
        {
            "decision": "We agree with part of your complaint.",
            "steps_taken": "We read the records and visited.",
            "apology": "We are sorry for the delay.",
        },
    )
    assert bench.state.stage is Stage.STAGE_1_ANSWERED

    service.perform(ref, c.Escalate(), Resident(ref, "Mina Rahman"))
    boss, reviewer = made.signed_in(app, Role.MANAGER, name="Rae Reviewer")
    officer_2, checker = made.signed_in(app, Role.OFFICER, name="Chi Checker")
    top = Desk(boss, reviewer, ref)
    offered = [str(o["value"]) for o in desk.form("allocate").all("#to option")]
    assert offered == ["", str(reviewer.id)]
    top.do("allocate", {"to": str(reviewer.id)})
    top.send("acknowledge", {})
    top.do("record_contact", {"words": "Talked again."})
    rows = {}
    for at in (1, 2):
        rows |= {f"p{at}-finding": "upheld", f"p{at}-reasons": "We agree.", f"p{at}-basis": "Our policy"}
        rows |= {f"p{at}-apology": "We are sorry."}
    top.do("decide", rows)
    top.do("offer_remedy", {"kind": "apology", "text": "We apologise in writing"})
    final = {
        "decision": "We agree with your complaint.",
        "steps_taken": "We looked at everything again.",
        "apology": "We are sorry.",
        "checked_by": str(checker.id),
        "contributors": "Repairs\nCalls",
    }
    top.asks("respond", final, Desk(officer_2, checker, ref))
    top.send("respond", {})
    assert top.state.stage is Stage.STAGE_2_ANSWERED
    top.do("record_learning", {"theme": "delay", "words": "Ring back within a day."})
    top.send("close", {"reason": "final_response"})
    assert top.state.stage is Stage.CLOSED
    for tab in ("record", "letters", "points", "promises", "people", "files", "similar"):
        assert top.see(f"?tab={tab}").status == 200
    assert officer_2 is not None
    number = db.session.scalars(select(Letter.id).where(Letter.kind == "response_2")).one()
    read = boss.page(f"/staff/cases/{ref}/letters/{number}")
    assert "We looked at everything again." in read.text
    assert boss.get(f"/staff/cases/{ref}/letters/{number}.pdf").data[:5] == b"%PDF-"
    assert "We looked at everything again." in boss.get(f"/staff/cases/{ref}/letters/{number}.txt").text


@pytest.mark.parametrize("role", [Role.COLLEAGUE, Role.ADMIN])
def test_other_roles_see_no_case(app: Flask, role: Role) -> None:
    client, _ = made.signed_in(app, role)
    ref = made.complaint()
    for url in ("", "/note", "/letters/1", "/files/1"):
        assert client.get(f"/staff/cases/{ref}{url}").status_code == 403


@pytest.mark.parametrize("role", [Role.MEMBER_RESPONSIBLE, Role.DIRECTOR])
def test_those_who_only_oversee_find_personal_data_folded(app: Flask, role: Role) -> None:
    client, account = made.signed_in(app, role)
    ref = made.complaint()
    desk = Desk(client, account, ref)
    for tab in ("record", "letters", "points", "promises", "people", "files", "similar"):
        page = desk.see(f"?tab={tab}")
        assert page.h1 == ref
        for folded in page.all("main details"):
            folded.decompose()
        main = page.one("main").get_text(" ")
        for secret in ("Mina", "Elm Court", "mould", "01632"):
            assert secret not in main, (tab, secret)


def test_the_member_responsible_reads_and_does_nothing(app: Flask) -> None:
    client, account = made.signed_in(app, Role.MEMBER_RESPONSIBLE)
    desk = Desk(client, account, made.complaint())
    assert "Nothing on this case waits for you" in desk.see().text
    assert not desk.see().all("a[href$='/note']")
    assert client.get(desk.url("note")).status_code == 403


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_each_role_opens_what_it_may_and_nothing_else(app: Flask, role: Role) -> None:
    case = life().at_stage_1()
    client, account = made.signed_in(app, role, name="Somebody Else")
    sees = may({role}, Permission.SEES_INBOX)
    if sees and not may({role}, Permission.SEES_ALL_CASES):
        assert client.get(f"/staff/cases/{case.ref}").status_code == 404  # no part in it yet
        soon = clock.today() + timedelta(days=5)
        case.by(case.officer, c.Commit(text=Words("Dry it"), owner=made.ref_of(account), due_on=soon))
    assert client.get(f"/staff/cases/{case.ref}").status_code == (200 if sees else 403)
    open_to = queries.case(case.ref, made.actor(account)).allowed if sees else frozenset()
    for action in FORMS:
        status = client.get(f"/staff/cases/{case.ref}/{action.value}").status_code
        assert (status == 200) == (action in open_to), action
        assert status in {200, 403, 409}
    logs = role in MAY_SUBMIT and may({role}, Permission.LOGS_INTAKE)
    assert client.get("/staff/intake").status_code == (200 if logs else 403)


def test_who_is_not_signed_in_comes_to_the_door(app: Flask, client: Client) -> None:
    case = life()
    for tail in ("", "/note", "/letters/1", "/letters/1.pdf", "/letters/1.txt", "/files/1"):
        answer = client.get(f"/staff/cases/{case.ref}{tail}")
        assert answer.status_code == 303
        assert answer.location.startswith("/staff/sign-in")
    assert client.get("/staff/intake").location.startswith("/staff/sign-in")


def test_the_next_step_follows_the_case(app: Flask) -> None:
    case = life()
    officer = desk_of(app, case.officer, case.ref)
    handler = desk_of(app, case.handler, case.ref)

    def following(desk: Desk) -> str:
        link = desk.see().all("#next-step")
        return str(link[0]["href"]).rpartition("/")[2] if link else ""

    assert (following(officer), following(handler)) == ("triage", "define")
    case.defined()
    assert (following(officer), following(handler)) == ("allocate", "")
    made.allocate(case.ref, case.handler, case.officer)
    assert following(officer) == "acknowledge"
    case.by(case.officer, c.Acknowledge())
    assert following(handler) == "record_contact"
    handler.do("record_contact", {"words": "Rang her."})
    assert following(handler) == "decide"
    case.decided()
    assert following(handler) == "respond"


def test_why_this_date_opens_into_its_count(app: Flask) -> None:
    case = life(received_at=datetime(2026, 12, 21, 10, tzinfo=UTC) - timedelta(days=364))
    page = desk_of(app, case.officer, case.ref).see()
    why = page.all(".app-clocks__why")[0].get_text(" ", strip=True)
    assert "5 working days from the day we received it" in why
    assert "The day itself is day 0" in why
    assert "Christmas Day" in why
    assert "Rule: Talk to Us procedure v7.3, section 6" in why
    assert "Overdue by" in page.text


def test_the_other_date_is_shown_where_landlord_and_code_differ(app: Flask) -> None:
    case = life(received_at=clock.now() - timedelta(days=4)).at_stage_1()
    text = desk_of(app, case.handler, case.ref).see().text
    assert "There is a second date" in text
    assert "The earlier one is shown as due" in text


def test_the_banner_names_needs_language_and_what_is_not_safe(app: Flask) -> None:
    ref = made.complaint(needs=(Need(code="large_print"), Need(code="other", detail="No bright light")))
    desk = Desk.of(app, Role.OFFICER, ref)
    desk.do("change_contact", {"safety": ["no_voicemail"], "times": "after 4 pm", "prefers": "text"})
    for page in (desk.see(), desk.form("record_contact")):
        banner = page.one("#_case_head").get_text(" ")
        for words in ("Large print", "No bright light", "English", "Do not leave a voicemail", "after 4 pm"):
            assert words in banner
        assert "Prefers: Text message" in " ".join(banner.split())


def test_how_to_reach_somebody_stands_beside_what_is_safe(app: Flask) -> None:
    ref = made.complaint()
    desk = Desk.of(app, Role.OFFICER, ref)
    banner = desk.see().one("#_case_head")
    links = [str(link["href"]) for link in banner.select("a")]
    assert links == ["tel:+44-1632-960001", "mailto:mina@resident.example"]
    assert "4 Elm Court, Widnes WA8 0TD" in " ".join(banner.get_text().split())
    desk.do("change_contact", {"safety": ["no_calls", "no_email", "no_post"]})
    banner = desk.see().one("#_case_head")
    words = " ".join(banner.get_text().split())
    assert "01632 960001 (do not call)" in words
    assert "WA8 0TD (do not send post)" in words
    people = desk.see("?tab=people")
    for said in ("(do not call)", "(do not write)", "(do not send post)"):
        assert people.main.count(said) == 2, "in the banner and among the people"
    assert not people.all("main a[href^='tel:'], main a[href^='mailto:']"), "nothing to press by mistake"


def test_what_is_done_most_often_is_one_click_away(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.see("?list=tab%3Dall-open")
    assert page.one(".app-quick").select("a")[0]["href"] == desk.url("note", "?list=tab%3Dall-open")
    assert desk.url("record_contact") in [a["href"] for a in desk.see().all(".app-quick a")]
    case.at_stage_1()
    page = desk.see()
    assert page.one("#next-step")["href"] == desk.url("record_contact")
    assert desk.url("record_contact") not in [a["href"] for a in page.all(".app-quick a")], "it has a button"
    assert not Desk.of(app, Role.MEMBER_RESPONSIBLE, case.ref).see().all(".app-quick")
