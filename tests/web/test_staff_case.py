"""The main path of a case, walked by staff through the pages: triage to stage 1, stage 2 and the end."""

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import service
from shared.db import db
from shared.identity.actors import Resident
from shared.models import Letter
from shared.vocab import Role, Stage
from tests.support import staff as made
from tests.support.desk import Desk, day


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
    top.send(
        "respond",
        {
            "decision": "We agree with your complaint.",
            "steps_taken": "We looked at everything again.",
            "apology": "We are sorry.",
            "checked_by": str(checker.id),
            "contributors": "Repairs\nCalls",
        },
    )
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
