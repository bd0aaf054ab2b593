"""What a helper sees, by what the resident said: on every page, letter, file and action, at every request."""

import re
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import files, queries, service
from shared.cases.state import Consent
from shared.db import db
from shared.models import Attachment, Letter, OutboxMessage
from shared.vocab import Channel, ConsentScope, LetterKind, Stage
from tests.support.client import Client
from tests.support.portal import SAM, Complaint, Team, browser, complaint, consent, sign_in, team

STORY = "There is mould in the bedroom"
WHOLE_PAGES = ("history", "new-code")
GONE = (
    "escalate",
    "withdraw",
    "contact",
    "needs",
    "consent",
    "more-time",
    "messages",
    "questions/1",
    "feedback",
)


@pytest.fixture
def case(people: Team) -> Complaint:
    """Acknowledged, promised and answered, with a photo and a message of ours."""
    found = complaint(helper=True)
    image = BytesIO()
    Image.new("RGB", (40, 30)).save(image, "JPEG")
    image.seek(0)
    photo = files.add(image, "wall.jpg", added_by="Mina Rahman")
    service.perform(found.ref, c.AddInformation(text="A photo", files=(photo,)), found.resident)
    people.acknowledge(found.ref)
    people.promise(found.ref)
    people.does(found.ref, c.Message(text="We come on Tuesday"), people.handler)
    people.respond(found.ref)
    return found


@pytest.fixture
def helper(client: Client, case: Complaint) -> Client:
    return sign_in(client, case.ref, case.helper_code)


def letter_ids(ref: str) -> dict[str, int]:
    return {f"{x.kind}:{x.to}": x.id for x in db.session.scalars(select(Letter))}


def everything_else_is_hidden(helper: Client, case: Complaint) -> None:
    """No page, letter or file tells anything of the case."""
    letters = letter_ids(case.ref)
    mine = letters["receipt:representative"]
    for number in set(letters.values()) - {mine}:
        for ending in ("", ".pdf", "-large.pdf", ".txt"):
            assert helper.get(f"/en/my-complaint/letters/{number}{ending}").status_code == 404
    for row in db.session.scalars(select(Attachment)):
        assert helper.get(f"/en/my-complaint/files/{row.id}").status_code == 404
    for page in WHOLE_PAGES:
        assert helper.get(f"/en/my-complaint/{page}").status_code == 404
    for page in GONE:
        assert helper.get(f"/en/my-complaint/{page}").status_code in {403, 404}, page
    page = helper.page("/en/my-complaint")
    for secret in (STORY, "Tuesday", "paint the wall", "Handler Person", "Stage 1", "wall.jpg", "Elm Court"):
        assert secret not in page.text, secret


@pytest.mark.parametrize("scope", [ConsentScope.NONE, ConsentScope.REFUSED])
def test_without_consent_a_helper_sees_a_receipt_and_nothing_else(
    helper: Client, case: Complaint, scope: ConsentScope
) -> None:
    if scope is ConsentScope.REFUSED:
        consent(case, scope)
    everything_else_is_hidden(helper, case)
    receipt = letter_ids(case.ref)["receipt:representative"]
    assert STORY not in helper.page(f"/en/my-complaint/letters/{receipt}").text


def test_a_helper_without_consent_may_still_give(helper: Client, case: Complaint) -> None:
    page = helper.submit("/en/my-complaint/add", {"text": "The boiler is broken too"}, form="#answer")
    assert "We added this" in page.main
    assert "boiler" not in helper.page("/en/my-complaint").main
    last = queries.case(case.ref, case.resident).events[-1]
    assert last.actor == case.representative.key


@pytest.mark.parametrize("scope", [ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL])
def test_with_full_consent_a_helper_sees_and_acts(
    helper: Client, case: Complaint, scope: ConsentScope
) -> None:
    consent(case, scope)
    page = helper.page("/en/my-complaint")
    assert "Where it stands" in page.main
    assert "wall.jpg" in page.main
    letters = letter_ids(case.ref)
    assert helper.page(f"/en/my-complaint/letters/{letters['response_1:resident']}").status == 200
    assert helper.get(f"/en/my-complaint/letters/{letters['consent:resident']}").status_code == 404
    for page in ("withdraw", "contact", "needs", "consent"):  # these stay the resident's own
        assert helper.get(f"/en/my-complaint/{page}").status_code == 403
    page = helper.submit("/en/my-complaint/escalate", {}, form="#answer", press="Yes")
    assert queries.case(case.ref, case.resident).state.stage is Stage.STAGE_2_REQUESTED


def test_some_things_only(helper: Client, case: Complaint) -> None:
    consent(case, ConsentScope.SOME, topics="Only the visit on Tuesday's plumber")
    page = helper.page("/en/my-complaint")
    assert "Only the visit" in page.main
    everything_else_is_hidden_but_messages(helper, case)


def everything_else_is_hidden_but_messages(helper: Client, case: Complaint) -> None:
    letters = letter_ids(case.ref)
    for key, number in letters.items():
        expected = 200 if key.endswith(":representative") else 404
        assert helper.get(f"/en/my-complaint/letters/{number}").status_code == expected
    for row in db.session.scalars(select(Attachment)):
        assert helper.get(f"/en/my-complaint/files/{row.id}").status_code == 404
    page = helper.page("/en/my-complaint/messages")
    assert "We come on Tuesday" not in page.text
    page = helper.submit("/en/my-complaint/messages", {"text": "When does he come?"}, form="#answer")
    assert "When does he come?" in helper.page("/en/my-complaint/messages").main
    for name in ("escalate", "history", "withdraw", "consent"):
        assert helper.get(f"/en/my-complaint/{name}").status_code in {403, 404}


def test_posts_beyond_the_scope_change_nothing(helper: Client, case: Complaint) -> None:
    consent(case, ConsentScope.SOME, topics="The visit")
    before = queries.case(case.ref, case.resident).version
    page = helper.page("/en/my-complaint/add")
    token = page.one("#answer input[name=csrf_token]")["value"]
    for url, data in {
        "escalate": {},
        "withdraw": {},
        "promises/1": {"done": "yes"},
        "offers/1": {"accepted": "yes"},
        "consent": {"scope": "everything"},
        "contact": {"name": "Me", "email": "me@example.org"},
        "needs": {},
        "more-time": {"agreed": "yes"},
        "new-code": {},
        "feedback": {"satisfied": "5"},
        "unhappy": {},
    }.items():
        answer = helper.post(
            f"/en/my-complaint/{url}", data={"csrf_token": token, "seen": str(before), **data}
        )
        assert answer.status_code in {403, 404}, url
    assert queries.case(case.ref, case.resident).version == before


def test_withdrawal_counts_at_once_in_an_open_session(helper: Client, case: Complaint) -> None:
    consent(case, ConsentScope.EVERYTHING)
    form = helper.page("/en/my-complaint/escalate")
    assert "Where it stands" in helper.page("/en/my-complaint").main
    consent(case, ConsentScope.REFUSED)
    helper.send(form, {}, form="#answer", press="Yes", status=403)
    assert helper.page("/en/my-complaint").h1 == "See your complaint"
    sign_in(helper, case.ref, case.helper_code)
    everything_else_is_hidden(helper, case)


def test_consent_ends_on_its_day(helper: Client, case: Complaint, monkeypatch: pytest.MonkeyPatch) -> None:
    consent(case, ConsentScope.EVERYTHING, until=clock.today())
    assert "Where it stands" in helper.page("/en/my-complaint").main
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    sign_in(helper, case.ref, case.helper_code)
    everything_else_is_hidden(helper, case)
    with pytest.raises(service.NotAllowed):
        service.perform(case.ref, c.Escalate(), case.representative)


# Asking the resident --------------------------------------------------------------------------------------


def consent_mail() -> tuple[OutboxMessage, str]:
    letter = db.session.scalars(select(Letter).where(Letter.kind == LetterKind.CONSENT.value)).one()
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.letter_id == letter.id)).one()
    found = re.search(r"https?://[^/\s]+(/\S+/consent/[\w-]+)", mail.text)
    assert found
    return mail, found.group(1)


def test_the_resident_is_asked_on_her_own_channel_and_answers_by_link(client: Client, app: Flask) -> None:
    case = complaint(helper=True)
    mail, link = consent_mail()
    assert mail.recipient == "mina@resident.example"
    for _n in range(3):
        assert browser(app).page(link).h1 == "May somebody act for you?"
    assert STORY not in client.page(link).text
    page = client.submit(link, {"scope": "some"}, form="#consent", status=422)
    assert page.errors == ["Write which things we may talk about"]
    with pytest.raises(service.NotAllowed):  # whatever stops the step leaves her the link
        service.answer_by_link(link.rpartition("/")[2], "consent", c.Note(text="Not hers to write"))
    page = client.send(page, {"scope": "some", "topics": "The repair"}, form="#consent")
    assert "We wrote down your decision" in page.h1
    kept = queries.case(case.ref, case.resident).state.consent
    assert kept.scope is ConsentScope.SOME
    assert kept.topics == "The repair"
    assert kept.recorded_at is not None
    assert client.page(link, status=410)
    client.post(link, data={"scope": "everything"})
    assert queries.case(case.ref, case.resident).state.consent.scope is ConsentScope.SOME


def test_the_stored_letter_does_not_hold_the_link_that_answers_for_her(client: Client, app: Flask) -> None:
    """Colleagues read stored letters: what they find there opens nothing without signing in as her."""
    case = complaint(helper=True)
    mail, link = consent_mail()
    stored = db.session.scalars(select(Letter).where(Letter.kind == LetterKind.CONSENT.value)).one()
    token = link.rpartition("/")[2]
    assert token not in stored.html + stored.text
    assert stored.pdf_key
    with files.store().open(stored.pdf_key) as stream, pypdfium2.PdfDocument(stream.read()) as paper:
        words = "".join(page.get_textpage().get_text_range() for page in paper)
    assert token[:12] not in "".join(words.split())
    assert "my-complaint/consent" in "".join(words.split())
    assert mail.confidential
    assert token in (mail.html or "")
    assert client.page("/en/my-complaint/consent").h1 == "See your complaint"
    sign_in(client, case.ref, case.code)
    assert client.page("/en/my-complaint/consent").h1 == "What we may tell your helper"


def test_the_question_comes_in_her_language(app: Flask) -> None:
    complaint(helper=True, language="ar")
    mail, link = consent_mail()
    assert mail.language == "ar"
    assert link.startswith("/ar/consent/")


@pytest.mark.parametrize(
    ("basis", "said"),
    [("", "says yes"), ("executor", "photo of the paper"), ("elected_representative", "your office")],
)
def test_a_helper_reads_what_is_needed_of_her(client: Client, app: Flask, basis: str, said: str) -> None:
    case = complaint(helper=True, consent=Consent(basis=basis))
    sign_in(client, case.ref, case.helper_code)
    assert said in client.page("/en/my-complaint").main


def test_nobody_is_asked_who_need_not_be(app: Flask) -> None:
    complaint(helper=True, consent=Consent(basis="executor"))
    complaint(helper=True, consent=Consent(basis="elected_representative"))
    said = Consent(scope=ConsentScope.EVERYTHING, basis="spoken", words="Yes, on the phone")
    complaint(helper=True, consent=said, by=team().as_actor())
    complaint()
    assert db.session.scalars(select(Letter).where(Letter.kind == "consent")).all() == []


def test_a_mailbox_that_both_use_is_the_helpers(client: Client, app: Flask) -> None:
    """Or the helper would answer the question about herself, and come in as the resident."""
    case = complaint(helper=True, email="SAM@helper.example")
    sent = db.session.scalars(select(Letter).where(Letter.kind == "consent")).one()
    assert sent.channel == Channel.LETTER  # on paper, to her own door
    assert "/consent/" not in sent.html
    client.submit("/en/sign-in/link", {"who": "sam@helper.example"}, form="#ask")
    mails = db.session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe.startswith("sign-in:"))).all()
    assert len(mails) == 1
    digits = re.search(r"\b(\d{6})\b", mails[0].text)
    assert digits
    page = client.submit("/en/sign-in/code", {"digits": digits.group(1)}, form="#digits-form")
    assert page.h1 == "The complaint that you help with"
    assert case.ref in page.main


def test_she_changes_her_mind_on_her_own_page(client: Client, app: Flask) -> None:
    case = complaint(helper=True)
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint")
    assert f"{SAM} told us that they help you" in page.main
    page = client.page(page.link("Tell us what we may say"))
    page = client.send(page, {"scope": "everything"}, form="#answer")
    assert queries.case(case.ref, case.resident).state.consent.scope is ConsentScope.EVERYTHING
    past = clock.today() - timedelta(days=1)
    page = client.submit(
        "/en/my-complaint/consent",
        {"until-day": str(past.day), "until-month": str(past.month), "until-year": str(past.year)},
        form="#answer",
        status=422,
    )
    assert page.errors == ["Check the date. It is in the past."]
    client.submit("/en/my-complaint/consent", {"scope": "refused"}, form="#answer")
    assert queries.case(case.ref, case.resident).state.consent.scope is ConsentScope.REFUSED
