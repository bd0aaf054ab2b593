"""Nothing of a mail is lost: what is left out, held or does not fit is still there, whole, for an officer."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from shared.cases import commands as c
from shared.cases import files, queries, service
from shared.cases.colleagues import tasks
from shared.cases.correspondence import dispatch, held_mail, inbound_mail, mail_files, mail_placing
from shared.db import db
from shared.identity.actors import Resident
from shared.mail import mime
from shared.models import Attachment, Case, InboundMessage, OutboxMessage
from shared.uploads import StorageFull
from shared.vocab import Role
from tests.support.inbound import EMAIL, a_case, mail, said
from tests.support.samples import gps_traces, jpeg, saved
from tests.support.samples_mail import winmail
from tests.support.staff import actor, colleague, ref_of, signed_in

NOBODY = "complaints@landlord.example"


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Writing more than so many bytes into one file fails half way, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def with_winmail(to: str, content: bytes, words: str = "See the photos.\n") -> EmailMessage:
    made = mail(to)
    made.set_content(words)
    made.add_attachment(content, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return made


def rows() -> list[Attachment]:
    return list(db.session.scalars(select(Attachment).order_by(Attachment.id)))


def content_of(row: Attachment) -> bytes:
    with files.open_file(row) as kept:
        return kept.read()


def test_photos_in_a_winmail_come_onto_the_case_cleaned(reads_answers: Flask) -> None:
    ref = a_case()
    packed = winmail(("Wall.jpg", jpeg()), ("notes.txt", b"wet since May"))
    assert inbound_mail.take_in(with_winmail(dispatch.answers_to(ref), packed).as_bytes()) == "placed"
    photo, notes = rows()
    assert (photo.name, notes.name) == ("Wall.jpg", "notes.txt")
    assert not gps_traces(content_of(photo))
    assert said(ref) == ["See the photos."], "nothing was left out"


def test_words_that_stand_in_a_winmail_alone_are_read(reads_answers: Flask) -> None:
    ref = a_case()
    raw = with_winmail(dispatch.answers_to(ref), winmail(body="The ceiling came down."), "\n").as_bytes()
    assert inbound_mail.take_in(raw) == "placed"
    assert said(ref) == ["The ceiling came down."]


def test_words_in_a_form_that_is_not_read_stay_on_the_case_whole(reads_answers: Flask) -> None:
    ref = a_case()
    packed = winmail(("notes.txt", b"wet since May"), rich=b"LZFu")
    raw = with_winmail(dispatch.answers_to(ref), packed, "\n").as_bytes()
    assert inbound_mail.take_in(raw) == "placed"
    assert [row.name for row in rows()] == ["notes.txt", mail_files.WHOLE]
    assert "winmail.dat" in said(ref)[0]
    again = with_winmail(dispatch.answers_to(ref), packed)
    again.replace_header("Message-ID", "<2@example.org>")
    assert inbound_mail.take_in(again.as_bytes()) == "placed"
    assert [row.name for row in rows()][2:] == ["notes.txt"], "the words were said in the mail itself"


def test_wrappings_beside_each_other_give_no_more_files_than_one(
    reads_answers: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_files.winmail, "MOST", 3)
    ref = a_case()
    made = with_winmail(dispatch.answers_to(ref), winmail(("1.txt", b"1"), ("2.txt", b"2")))
    more = winmail(("3.txt", b"3"), ("4.txt", b"4"))
    made.add_attachment(more, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert inbound_mail.take_in(made.as_bytes()) == "placed"
    assert [row.name for row in rows()] == ["1.txt", "2.txt", "3.txt", mail_files.WHOLE]
    assert "4.txt" in said(ref)[0]


def test_what_a_winmail_hides_is_refused_like_any_upload_and_kept_whole(reads_answers: Flask) -> None:
    ref = a_case()
    raw = with_winmail(dispatch.answers_to(ref), winmail(("run.exe", b"MZ\0\0" * 9))).as_bytes()
    assert inbound_mail.take_in(raw) == "placed"
    (whole,) = rows()
    assert (whole.name, whole.internal, content_of(whole)) == (mail_files.WHOLE, True, raw)
    assert "Could not be opened safely: run.exe" in said(ref)[0]
    hers = queries.case(ref, Resident(ref, "Amina Yusuf"))
    assert hers.files == (), "staff alone get what was not made safe"


def test_a_mail_with_more_files_than_we_take_waits_whole(reads_answers: Flask) -> None:
    ref = a_case()
    made = mail(dispatch.answers_to(ref))
    for number in range(mime.MOST_PARTS + 5):
        made.add_attachment(b"wet", maintype="text", subtype="plain", filename=f"{number}.txt")
    assert inbound_mail.take_in(made.as_bytes()) == "held"
    (waiting,) = held_mail.held()
    client, _ = signed_in(reads_answers, Role.OFFICER)
    page = client.page(client.page("/staff/mail").link("See the whole message"))
    for shown in ("It still leaks.", "0.txt", f"{mime.MOST_PARTS + 4}.txt", "Part of it could not be read"):
        assert shown in page.main
    kept = client.get(page.link("Download the whole message"))
    assert kept.data == made.as_bytes()
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in kept.headers["Content-Security-Policy"]
    assert client.get(f"/staff/mail/{waiting.id + 1}").status_code == 404
    other, _ = signed_in(reads_answers, Role.HANDLER)
    assert other.get(f"/staff/mail/{waiting.id}/whole-message.eml").status_code == 403


def test_what_an_officer_places_stays_whole_on_the_case(reads_answers: Flask) -> None:
    ref = a_case()
    raw = mail(NOBODY, "new@example.org").as_bytes()
    assert inbound_mail.take_in(raw) == "held"
    (waiting,) = held_mail.held()
    client, _ = signed_in(reads_answers, Role.OFFICER)
    client.submit("/staff/mail", {"ref": ref}, form=f"#place-{waiting.id}", follow=False)
    (whole,) = rows()
    assert content_of(whole) == raw
    page = client.page(client.page(f"/staff/cases/{ref}?tab=files").link(mail_files.WHOLE))
    assert "It still leaks." in page.main
    assert client.get(f"/staff/mail/{waiting.id}").status_code == 404, "it is read on its case now"


def test_while_there_is_no_room_a_mail_stays_in_the_mailbox(reads_answers: Flask) -> None:
    ref = a_case()
    made = mail(dispatch.answers_to(ref))
    made.add_attachment(bytes(9_000_000), maintype="image", subtype="jpeg", filename="wall.jpg")
    raw = made.as_bytes()
    with small_files(8_000_000), pytest.raises(StorageFull):
        inbound_mail.take_in(raw)
    assert db.session.scalars(select(InboundMessage)).all() == []
    assert inbound_mail.take_in(raw) == "placed"


def test_files_that_find_no_room_wait_with_their_mail(reads_answers: Flask) -> None:
    ref = a_case()
    made = mail(dispatch.answers_to(ref))
    noise = saved("JPEG", Image.effect_noise((2000, 2000), 90), quality=95)
    assert len(noise) > 2_500_000
    made.add_attachment(noise, maintype="image", subtype="jpeg", filename="wall.jpg")
    raw = made.as_bytes()
    place = mail_files.take

    def crowded(*given: object, **more: object) -> mail_files.Taken:
        with small_files(2_000_000):
            return place(*given, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail_files, "take", crowded)
        assert inbound_mail.take_in(raw) == "held"
        assert "when there is room" in held_mail.held()[0].why
        client, _ = signed_in(reads_answers, Role.OFFICER)
        number = held_mail.held()[0].id
        page = client.submit("/staff/mail", {"ref": ref}, form=f"#place-{number}", status=422)
        assert "no room just now" in " ".join(page.errors)
        assert rows() == []
    client.submit("/staff/mail", {"ref": ref}, form=f"#place-{number}", follow=False)
    assert [row.name for row in rows()] == ["wall.jpg", mail_files.WHOLE]
    assert said(ref) == []
    manager = actor(colleague(Role.MANAGER))
    assert any(isinstance(e.command, c.RecordContact) for e in queries.case(ref, manager).events)


def test_where_words_are_cut_that_nothing_marks_as_quoted_the_whole_mail_stays_on_the_case(
    reads_answers: Flask,
) -> None:
    ref = a_case()
    made = mail(dispatch.answers_to(ref))
    made.set_content(
        "My answers are below.\n\nFrom: Halton\nSent: Monday\nTo: me\nSubject: s\n\nIs it wet? YES\n"
    )
    assert inbound_mail.take_in(made.as_bytes()) == "placed"
    assert said(ref) == ["My answers are below."]
    (whole,) = rows()
    assert b"Is it wet? YES" in content_of(whole)


def test_a_scanner_that_numbers_every_page_alike_loses_none(reads_answers: Flask) -> None:
    for page in (b"one", b"two", b"three", b"three", b"one"):
        made = mail(NOBODY, "scanner@example.org")
        made.set_content("\n")
        made.add_attachment(page, maintype="text", subtype="plain", filename="scan.txt")
        inbound_mail.take_in(made.as_bytes())
    assert len(held_mail.held()) == 3


def test_a_mail_to_two_cases_waits_for_somebody_to_choose(reads_answers: Flask) -> None:
    one, two = a_case(), a_case()
    both = f"{dispatch.answers_to(one)}, {dispatch.answers_to(two)}"
    assert inbound_mail.take_in(mail(both).as_bytes()) == "held"
    assert said(one) == said(two) == []
    assert held_mail.held()[0].why == f"It names more than one case: {one}, {two}"
    threads = db.session.scalars(
        select(OutboxMessage.message_id).where(OutboxMessage.recipient == EMAIL)
    ).all()
    again = mail(NOBODY, number=2, References=" ".join(threads))
    assert inbound_mail.take_in(again.as_bytes()) == "held"
    assert "more than one case" in held_mail.held()[1].why


@pytest.mark.parametrize(
    ("headers", "waits"), [({}, True), ({"Auto_Submitted": "auto-replied"}, False)], ids=["person", "robot"]
)
def test_a_mail_to_two_cases_is_hidden_from_who_is_walled_off_from_one(
    reads_answers: Flask, headers: dict[str, Any], waits: bool
) -> None:
    one, two = a_case(), a_case()
    cousin, other = colleague(Role.OFFICER), colleague(Role.OFFICER, name="Other Officer")
    conflict = c.DeclareConflict(staff=ref_of(cousin), reason="My cousin.")
    service.perform(two, conflict, actor(cousin))
    both = f"{dispatch.answers_to(one)}, {dispatch.answers_to(two)}"
    inbound_mail.take_in(mail(both, **headers).as_bytes())
    listed = held_mail.held if waits else held_mail.kept
    (message,) = listed(actor(other))
    assert listed(actor(cousin)) == ()
    with pytest.raises(LookupError):
        held_mail.opened(message.id, actor(cousin))
    assert (tasks.waiting(actor(other)).held, tasks.waiting(actor(cousin)).held) == (int(waits), 0)


def test_what_a_colleague_has_placed_meanwhile_is_not_taken_for_settled_elsewhere(
    reads_answers: Flask,
) -> None:
    ref = a_case()
    officer = actor(colleague(Role.OFFICER))
    inbound_mail.take_in(mail(NOBODY, "new@example.org").as_bytes())
    (waiting,) = held_mail.held()
    mail_placing.place(waiting.id, ref, officer)
    with pytest.raises(LookupError):
        held_mail.dismiss(waiting.id, officer)
    row = db.session.get_one(InboundMessage, waiting.id)
    assert (row.status, row.case_ref) == ("placed", ref)


def test_a_message_that_the_store_has_lost_says_what_to_do(
    reads_answers: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    ref = a_case()
    inbound_mail.take_in(mail(NOBODY, "new@example.org").as_bytes())
    row = db.session.scalars(select(InboundMessage)).one()
    assert files.store().delete(row.raw_key or "")
    client, _ = signed_in(reads_answers, Role.OFFICER)
    page = client.submit("/staff/mail", {"ref": ref}, form=f"#place-{row.id}", status=422)
    assert "can no longer be read" in " ".join(page.errors)
    assert client.get(f"/staff/mail/{row.id}").status_code == 404
    assert caplog.text.count("cannot be read") == 2


def test_who_presses_the_button_twice_while_files_are_cleaned_has_the_mail_once(reads_answers: Flask) -> None:
    ref = a_case()
    officer = actor(colleague(Role.OFFICER))
    inbound_mail.take_in(mail(NOBODY, "new@example.org").as_bytes())
    (waiting,) = held_mail.held()
    take = mail_files.take

    def slow(*given: Any, **more: Any) -> mail_files.Taken:
        patch.undo()
        mail_placing.place(waiting.id, ref, officer)
        return take(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail_files, "take", slow)
        assert mail_placing.place(waiting.id, ref, officer).again
    events = queries.case(ref, actor(colleague(Role.MANAGER))).events
    assert len([e for e in events if isinstance(e.command, c.RecordContact)]) == 1
    assert [row.name for row in rows()] == [mail_files.WHOLE]


def test_an_e_mail_from_somebody_new_is_logged_with_all_that_came_with_it(reads_answers: Flask) -> None:
    made = mail(NOBODY, "new@example.org")
    made.set_content("The boiler is broken and nobody comes.\n")
    made.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="boiler.jpg")
    inbound_mail.take_in(made.as_bytes(), datetime(2026, 11, 20, 17, 5, tzinfo=UTC))
    client, officer = signed_in(reads_answers, Role.OFFICER)
    number = held_mail.held()[0].id
    form = client.page(f"/staff/intake?mail={number}")
    assert form.one("#what").text == "The boiler is broken and nobody comes."
    assert (form.one("#email")["value"], form.one("#received_on-day")["value"]) == ("new@example.org", "20")
    assert form.one("#received_time")["value"] == "17:05"
    answers = {"do": "check", "name": "Nadia New"}
    check = client.submit(f"/staff/intake?mail={number}", answers, form="#intake", status=200)
    assert rows()[0].case_id is None
    sent = {field["name"]: field["value"] for field in check.all("#intake input")}
    for _ in range(2):  # the button is pressed twice
        done = client.post("/staff/intake", data=sent | {"do": "log"})
        assert done.status_code == 303
    ref = done.location.rpartition("/")[2]
    view = queries.case(ref, actor(officer))
    assert view.state.story.what == "The boiler is broken and nobody comes."
    assert [row.name for row in rows()] == ["boiler.jpg", mail_files.WHOLE]
    assert {row.case_id for row in rows()} == {
        db.session.scalars(select(Case.id).where(Case.ref == ref)).one()
    }
    message = db.session.scalars(select(InboundMessage)).one()
    assert (message.status, message.case_ref) == ("placed", ref)
    assert client.get(f"/staff/intake?mail={number}").status_code == 404
    late = client.post("/staff/intake", data=sent | {"do": "log", "draft": ""})
    assert late.status_code == 422
    assert "dealt with this e-mail meanwhile" in late.text
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_colleague_who_places_no_mail_sees_none_in_the_form(reads_answers: Flask) -> None:
    inbound_mail.take_in(mail(NOBODY, "new@example.org").as_bytes())
    client, _ = signed_in(reads_answers, Role.COLLEAGUE)
    number = held_mail.held()[0].id
    assert client.get(f"/staff/intake?mail={number}").status_code == 404
    answers = {"what": "Mould", "name": "Nadia New", "phone": "07700 900123", "do": "check"}
    check = client.submit("/staff/intake", answers, form="#intake", status=200)
    sent = {field["name"]: field["value"] for field in check.all("#intake input")}
    assert client.post("/staff/intake", data=sent | {"do": "log", "mail": str(number)}).status_code == 303
    assert [m.id for m in held_mail.held()] == [number], "a form cannot say that mail is dealt with"


def test_of_two_officers_who_place_a_mail_at_the_same_moment_one_does(reads_answers: Flask) -> None:
    mine, other = a_case(), a_case()
    inbound_mail.take_in(mail(NOBODY, "new@example.org").as_bytes())
    (waiting,) = held_mail.held()
    quick = actor(colleague(Role.OFFICER, name="Quick Officer"))
    client, _ = signed_in(reads_answers, Role.OFFICER)
    take = mail_files.take

    def slow(*given: Any, **more: Any) -> mail_files.Taken:
        patch.undo()
        mail_placing.place(waiting.id, mine, quick)
        return take(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail_files, "take", slow)
        page = client.submit("/staff/mail", {"ref": other}, form=f"#place-{waiting.id}", status=409)
    assert "Somebody has dealt with this e-mail meanwhile" in page.main
    assert mine in page.main
    contacts = [
        ref
        for ref in (mine, other)
        for e in queries.case(ref, quick).events
        if isinstance(e.command, c.RecordContact)
    ]
    assert contacts == [mine]
    assert [row.name for row in rows()] == [mail_files.WHOLE], "nothing is left of the second try"
