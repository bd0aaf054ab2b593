"""Logging a complaint for somebody: any colleague may, sees a receipt and no case, and makes one case of it."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.state import CaseState
from shared.db import db
from shared.models import AccessKey, Attachment, Case
from shared.vocab import Channel, Kind, Role, Stage
from tests.support import staff as made
from tests.support.client import Client, Page
from tests.support.desk import day, life

CALL = {
    "channel": "phone",
    "what": "The lift has been broken for three weeks.",
    "name": "Gul Hassan",
    "phone": "07700 900 982",
    "postcode": "wa8 0td",
}


def cases() -> int:
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def state_of(ref: str) -> CaseState:
    db.session.expire_all()
    return queries.case(ref, made.actor(made.colleague(Role.MANAGER, name="Looks At It"))).state


def look(client: Client, data: dict[str, Any], **more: Any) -> Page:
    return client.submit("/staff/intake", data, form="#intake", **more)


def test_a_colleague_logs_a_call_and_sees_the_receipt_only(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    check = look(client, {**CALL, **day("received_on", -3), "needs": ["large_print"]})
    assert check.h1 == "Check before you log it"
    assert cases() == 0
    receipt = client.send(check, form="#intake", press="Log it")
    ref = db.session.scalars(select(Case.ref)).one()
    assert ref in receipt.text
    assert "Access code" in receipt.text
    assert "They hear from us by" in receipt.text
    assert client.get(f"/staff/cases/{ref}").status_code == 403
    again = client.page(f"/staff/intake/{ref}")
    assert "Access code" not in again.text
    assert ref in client.page("/staff/intake").link(ref)
    state = state_of(ref)
    assert (state.channel, state.kind, state.stage) == (Channel.PHONE, Kind.COMPLAINT, Stage.RECEIVED)
    assert state.milestones.received_at < state.milestones.logged_at
    assert [n.code for n in state.needs] == ["large_print"]


def test_nobody_reads_anothers_receipt(app: Flask) -> None:
    first, _ = made.signed_in(app, Role.COLLEAGUE, name="First Colleague")
    second, _ = made.signed_in(app, Role.COLLEAGUE, name="Second Colleague")
    first.send(look(first, CALL), form="#intake", press="Log it")
    ref = db.session.scalars(select(Case.ref)).one()
    assert second.get(f"/staff/intake/{ref}").status_code == 404
    assert second.get("/staff/intake/HAL-2026-9999-9").status_code == 404
    assert ref not in second.page("/staff/intake").text
    officer, _ = made.signed_in(app, Role.OFFICER)
    assert officer.page(f"/staff/intake/{ref}").link("Open the case") == f"/staff/cases/{ref}"


def test_the_button_pressed_twice_makes_one_case_and_a_code_that_works(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    check = look(client, CALL)
    client.send(check, form="#intake", press="Log it")
    receipt = client.send(check, form="#intake", press="Log it")
    assert cases() == 1
    assert "Access code" in receipt.text
    people = set(db.session.scalars(select(AccessKey.person)))
    assert all(person.startswith("resident:") for person in people)


@pytest.mark.parametrize("role", [Role.COLLEAGUE, Role.OFFICER])
def test_what_may_be_double_is_shown_as_far_as_the_reader_may_see(app: Flask, role: Role) -> None:
    earlier = made.complaint(what="The lift is stuck")
    client, _ = made.signed_in(app, role)
    check = look(client, CALL)
    assert ("We may have this already" in check.text) == (role is Role.OFFICER)
    assert (earlier in check.text) == (role is Role.OFFICER)
    assert ("The lift is stuck" in check.text) == (role is Role.OFFICER)
    client.send(check, form="#intake", press="Log it")
    assert cases() == 2


def test_from_social_media_only_who_is_known_and_nothing_in_public(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    public = {**CALL, "channel": "social_media"}
    refused = look(client, public, status=422)
    assert "Go on by private message first, then tick this" in refused.errors
    refused = look(client, {**public, "private": True}, status=422)
    assert [text for text in refused.errors if "how you made sure who it is" in text]
    known = "Date of birth, by private message"
    check = look(client, {**public, "private": True, "known_by": known})
    assert known in check.main
    receipt = client.send(check, form="#intake", press="Log it")
    assert "send it by private message. Never in public" in receipt.main
    ref = db.session.scalars(select(Case.ref)).one()
    manager, _ = made.signed_in(app, Role.MANAGER)
    assert known in manager.page(f"/staff/cases/{ref}").main


def test_a_receipt_is_not_there_for_who_is_walled_off(app: Flask) -> None:
    client, carl = made.signed_in(app, Role.COLLEAGUE)
    client.send(look(client, CALL), form="#intake", press="Log it")
    ref = db.session.scalars(select(Case.ref)).one()
    boss = made.actor(made.colleague(Role.MANAGER))
    service.perform(ref, c.DeclareConflict(staff=made.ref_of(carl), reason="Named in it"), boss)
    client.page(f"/staff/intake/{ref}", status=404)
    assert ref not in client.page("/staff/intake").main


def test_changing_keeps_every_word_and_files_stay(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    picture = BytesIO()
    Image.new("RGB", (20, 20)).save(picture, "PNG")
    picture.seek(0)
    wrong = look(client, {**CALL, "uploads": [(BytesIO(b"MZ" + bytes(50)), "لیفٹ.exe")]}, status=422)
    assert "\u2068لیفٹ.exe\u2069: We cannot take this type of file" in wrong.errors[0], (
        "a name has its own direction"
    )
    check = look(client, {**CALL, "needs": ["bsl", "audio"], "uploads": [(picture, "lift.png")]})
    back = client.send(check, form="#intake", press="Change")
    assert back.one("[name=what]").get_text().strip() == CALL["what"]
    assert len(back.all("[name=needs][checked]")) == 2
    assert "lift.png" in back.text
    check = client.send(back, {"what": "The lift is broken again."}, form="#intake")
    client.send(check, form="#intake", press="Log it")
    row = db.session.scalars(select(Case)).one()
    assert row.summary == "The lift is broken again."
    assert db.session.scalars(select(Attachment.case_id)).all() == [row.id]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"what": ""}, "Write what has gone wrong"),
        ({"name": ""}, "Enter a name"),
        ({"phone": "", "postcode": ""}, "Enter one way to get in contact"),
        ({"postcode": "Widnes"}, "It should look like WA7 1AB"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"email": "nobody"}, "Enter an email address"),
        (day("received_on", 1), "It is in the future"),
        ({"received_on-day": "0"}, "no such day"),
        ({"received_time": "noon"}, "Enter the time"),
        ({"what": "x" * 20_001}, "characters or fewer"),
    ],
)
def test_little_is_required_and_said_where_it_is(app: Flask, typed: dict[str, Any], says: str) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    page = look(client, {**CALL, **typed}, status=422)
    assert says in " ".join(page.errors)
    assert cases() == 0


def test_a_day_before_the_calendar_is_refused_in_words(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    page = look(client, {**CALL, "received_on-year": "1066"}, status=422)
    assert "Enter a day between" in page.errors[0]


def test_without_a_name_and_for_somebody_else(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.COLLEAGUE)
    client.send(look(client, {"what": "Rats in the yard.", "anonymous": "y"}), form="#intake", press="Log it")
    assert state_of(db.session.scalars(select(Case.ref)).one()).anonymous
    helped = {
        **CALL,
        "helper_name": "Sam Ali",
        "helper_relationship": "friend",
        "helper_email": "sam@helper.example",
        "safety": ["no_post", "no_voicemail"],
        "times": "after 4 pm",
    }
    receipt = client.send(look(client, helped), form="#intake", press="Log it")
    assert "Access code for the helper" in receipt.text
    state = queries.case(
        db.session.scalars(select(Case.ref).order_by(Case.id.desc())).first() or "",
        made.actor(made.colleague(Role.OFFICER)),
    ).state
    assert state.helper is not None
    assert (state.safety.no_post, state.safety.no_voicemail, state.safety.no_calls) == (True, True, False)


@pytest.mark.parametrize("role", [Role.COLLEAGUE, Role.SERVICE_MANAGER, Role.DIRECTOR])
def test_dissatisfaction_with_an_answer_becomes_stage_2_whoever_hears_it(app: Flask, role: Role) -> None:
    case = life().answered()
    client, _ = made.signed_in(app, role)
    again = {"kind": "again", "channel": "letter", "what": "Nothing has changed.", "name": "Mina Rahman"}
    wrong = look(client, {**again, "reference": "HAL-2026-9999-9"}, status=422)
    assert "We cannot log a request for stage 2" in wrong.errors[0]
    for _press in range(2):
        done = client.send(wrong, {"reference": case.ref.lower()}, form="#intake")
        assert "The request for stage 2 is logged" in done.text
    state = state_of(case.ref)
    assert state.stage is Stage.STAGE_2_REQUESTED
    assert state.escalation_reason == "Nothing has changed."
    assert "is logged under" not in client.page("/staff/intake").text


@pytest.mark.parametrize("role", [Role.MEMBER_RESPONSIBLE])
def test_roles_that_log_nothing(app: Flask, role: Role) -> None:
    client, _ = made.signed_in(app, role)
    assert client.get("/staff/intake").status_code == 403
