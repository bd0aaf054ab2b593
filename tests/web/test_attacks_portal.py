"""The attacker's pass over the resident's side: every page, every form and every address, by whoever is not meant.

What single features promise is tested beside them. Here the pages are found by walking the application, so that a
new one is attacked on the day it comes.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from shared.cases import commands as c
from shared.cases import queries, service
from shared.db import db
from shared.letters.facts import Words
from shared.models import Attachment, Letter, OutboxMessage
from shared.vocab import ConsentScope
from tests.support import samples
from tests.support.client import Client, Page, filled
from tests.support.portal import Complaint, Team, browser, complaint, consent, sign_in

ODD = {
    "nul": "a\x00b",
    "emoji": "🏚️👩‍👩‍👧‍👦 é́́ \U000e0041",
    "turned": "\u202egnp.exe\u2066 \u200f",
    "markup": "<script>alert(1)</script>{{7*7}}${7*7}'\"--;",
    "newlines": "a\r\nSet-Cookie: x=1\r\n\r\nb",
    "number": "99999999999999999999999999",
    "long": "é" * 100_000,
    "blank": " \u00a0\u2003\u200b\t",
}
BAD_BYTES = b"%ff%fe%ed%a0%80%00%c0%af"  # no UTF-8 at all, half of a surrogate pair, an overlong slash
NUMBERS = ("0", "-1", "1e3", "2147483648", "9" * 30, "١", "1%00", "1;2", "../1")


@pytest.fixture
def case(people: Team) -> Complaint:
    """In the middle of stage 1, with a question, a promise, a helper and a message."""
    found = complaint(helper=True)
    people.acknowledge(found.ref)
    people.promise(found.ref)
    people.does(found.ref, c.AskClarification(question=Words("Which wall is it?")), people.handler)
    people.does(found.ref, c.Message(text="We come on Tuesday"), people.handler)
    return found


def rules(app: Flask, method: str) -> list[Rule]:
    return [r for r in app.url_map.iter_rules() if r.endpoint.startswith("portal.") and method in r.methods]


def addresses(app: Flask, method: str, number: str = "1") -> Iterator[str]:
    """Every address of the portal, with something in the place of each of its parts."""
    values = {"lang": "en", "number": number, "token": "x" * 40, "name": "what"}
    for rule in rules(app, method):
        path = re.sub(r"<[^>]*?(\w+)>", lambda part: values[part.group(1)], rule.rule)
        if rule.endpoint == "portal.question":
            yield from (path.replace("/what", f"/{name}") for name in ("what", "reach", "needs", "danger"))
        else:
            yield path


def plain(app: Flask, as_client: Client) -> FlaskClient:
    """The same browser without the checks of pages, which cost more than the attack itself."""
    found = FlaskClient(app, app.response_class)
    with as_client.session_transaction() as held:
        kept = dict(held)
    with found.session_transaction() as held:
        held.update(kept)
    return found


def attacked(who: FlaskClient, address: str) -> int:
    """Fill every form of a page with each odd value in every control, and send it. Returns how many were sent."""
    answer = who.get(address, follow_redirects=True)
    assert answer.status_code < 500, address
    if answer.mimetype != "text/html":
        return 0
    soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    sent = 0
    for form in soup.select("form[method=post]"):
        target = str(form.get("action") or address)
        if target.endswith(("/sign-out", "/close")):
            continue
        controls = filled(form, soup)
        names = {str(x["name"]) for x in form.select("[name]")} - {"csrf_token", "files"}
        token = controls.get("csrf_token", [""])
        for value in ODD.values():
            data: dict[str, Any] = {name: [value] for name in names} | {"csrf_token": token}
            found = who.post(target, data=data)
            assert found.status_code < 500, (target, value[:20])
            sent += 1
        raw = b"&".join([f"csrf_token={token[0]}".encode(), *(n.encode() + b"=" + BAD_BYTES for n in names)])
        found = who.post(target, data=raw, content_type="application/x-www-form-urlencoded")
        assert found.status_code < 500, target
    return sent


def test_no_form_of_hers_can_be_made_to_fail(client: Client, app: Flask, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    client.submit("/en/", {"who": "me"}, form="#start")
    who = plain(app, client)
    once = {"/en/my-complaint/withdraw", "/en/my-complaint/new-code", "/en/tell-us/forget"}
    pages = [a for a in addresses(app, "GET") if a not in once and "/leave" not in a]
    assert sum(attacked(who, address) for address in pages) > 100


def test_no_address_can_be_made_to_fail(client: Client, app: Flask, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    who = plain(app, client)
    query = "?done=<script>&next=//evil.example&why=%00&ref=%ff&code=%e2%80%ae&back=//evil&campaign=%00&upload=../x"
    for number in NUMBERS:
        for address in addresses(app, "GET", number):
            if "<" in address or (number != "0" and number not in address):
                continue
            answer = who.get(address + query)
            assert answer.status_code < 500, address
            assert "evil.example" not in (answer.location or ""), address
            assert b"<script>&next" not in answer.data


@pytest.mark.parametrize(
    "path",
    [
        "/xx/",
        "/en-GB/",
        "/zh_Hant/",
        "/../../etc/passwd",
        "/en/../staff",
        "/%00/",
        "/ur%0d%0aSet-Cookie:x/",
        "/javascript:alert(1)/",
        "/en//evil.example/",
        "/%2f%2fevil.example/en/",
        "/en/%5cevil.example",
    ],
)
def test_a_language_is_one_of_ours(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {303, 308, 404}
    assert not (answer.location or "").startswith(("//", "/\\", "http"))
    assert "Set-Cookie" not in (answer.location or "")


def test_the_language_of_a_form_leads_nowhere_else(client: Client, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint/messages")
    token = str(page.one("#answer input[name=csrf_token]")["value"])
    for language in ("//evil.example", "ur/../..", "\r\nX: y", "xx", "EN"):
        answer = client.post(
            "/en/my-complaint/messages", data={"csrf_token": token, "language": language, "seen": "99"}
        )
        assert answer.status_code == 422, language
        assert answer.location is None


def test_the_host_of_a_request_reaches_no_mail(client: Client, app: Flask, case: Complaint) -> None:
    token = str(client.page("/en/sign-in/link").one("#ask input[name=csrf_token]")["value"])
    client.post(
        "/en/sign-in/link",
        data={"csrf_token": token, "who": case.ref},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )
    FlaskClient(app, app.response_class).get("/en/", headers={"Host": "evil.example"})
    for mail in db.session.scalars(select(OutboxMessage)):
        assert "evil.example" not in mail.text + (mail.html or "")


# Somebody else's ------------------------------------------------------------------------------------------


def test_another_persons_case_is_out_of_reach_by_every_route(
    client: Client, app: Flask, case: Complaint, people: Team
) -> None:
    """Numbers of another's letters and files, on every address that takes a number, get and post."""
    service.perform(case.ref, c.AddInformation(text="A photo"), case.resident)
    other = complaint(what="Another thing")
    thief = sign_in(client, other.ref, other.code)
    before = queries.case(case.ref, case.resident).version
    letters = [str(x.id) for x in db.session.scalars(select(Letter))]
    token = str(thief.page("/en/my-complaint").one("#sign-out input")["value"])
    story = "There is mould in the bedroom"
    for number in {"1", *letters}:
        for address in addresses(app, "GET", number):
            answer = thief.get(address) if "/leave" not in address else None
            assert answer is None or story.encode() not in answer.data, address
            assert answer is None or case.ref.encode() not in answer.data, address
        for address in addresses(app, "POST", number):
            if "sign-out" in address or "close" in address:
                continue
            thief.post(
                address, data={"csrf_token": token, "seen": str(before), "done": "yes", "ref": case.ref}
            )
    assert queries.case(case.ref, case.resident).version == before


@pytest.mark.parametrize("scope", [ConsentScope.NONE, ConsentScope.SOME, ConsentScope.REFUSED])
def test_a_helper_beyond_her_scope_changes_nothing_by_any_route(
    client: Client, app: Flask, case: Complaint, scope: ConsentScope
) -> None:
    if scope is not ConsentScope.NONE:
        consent(case, scope, topics="The repair")
    helper = sign_in(client, case.ref, case.helper_code)
    token = str(helper.page("/en/my-complaint").one("#sign-out input")["value"])
    before = queries.case(case.ref, case.resident).state
    for address in addresses(app, "GET"):
        if "/leave" in address:
            continue
        answer = helper.get(address)
        assert b"There is mould in the bedroom" not in answer.data, address
        assert b"We come on Tuesday" not in answer.data, address
        assert b"mina@resident.example" not in answer.data, address
        assert b"Elm Court" not in answer.data, address
    everything = {"done": "yes", "accepted": "yes", "agreed": "yes", "scope": "everything", "name": "Sam Ali"}
    more = {"email": "sam@helper.example", "satisfied": "5", "reply": "The wall", "seen": "99"}
    for address in addresses(app, "POST"):
        if not re.search(r"sign-out|close|/add|/messages|tell-us|forget", address):
            helper.post(address, data={"csrf_token": token, **everything, **more})
    after = queries.case(case.ref, case.resident).state
    assert after == before


def test_what_a_session_was_before_signing_in_is_worth_nothing_after(
    client: Client, app: Flask, case: Complaint
) -> None:
    """An attacker who plants his own cookie in her browser does not get in with her."""
    attacker = browser(app)
    attacker.page("/en/sign-in")
    with attacker.session_transaction() as planted:
        kept = dict(planted)
    with client.session_transaction() as hers:
        hers.update(kept)
    sign_in(client, case.ref, case.code)
    assert client.page("/en/my-complaint").h1 == "My complaint"
    assert attacker.page("/en/my-complaint").h1 == "See your complaint"
    with client.session_transaction() as hers:
        assert hers.get("csrf_token") != kept.get("csrf_token")


# Files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>.jpg",
        "\u202egpj.exe.jpg",
        "../../etc/cron.d/x.jpg",
        "..\\..\\boot.jpg",
        "C:\\windows\\x.jpg",
        "a\x00.jpg",
        "n" * 300 + ".jpg",
        ".jpg",
        "/.jpg",
        'x"; filename="y.html',
        "con.jpg",
        "x\r\nSet-Cookie: a=b.jpg",
        "🏚️.jpg",
    ],
)
def test_a_poisoned_name_is_only_a_name_on_her_pages_too(
    client: Client, case: Complaint, app: Flask, name: str
) -> None:
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint/messages")
    page = client.send(
        page, {"files": [(BytesIO(samples.jpeg()), name)], "text": "x" * 20_001}, form="#answer", status=422
    )
    assert page.all("#_held img") == []
    if not page.all("#_held input[name=held]"):
        return  # refused, with a sentence
    client.send(page, {"text": "A photo"}, form="#answer", press="Send message")
    row = db.session.scalars(select(Attachment)).one()
    assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069/\\]", row.name)
    assert len(row.name) <= 200
    page = client.page("/en/my-complaint")
    assert page.all("#_files img") == []
    answer = client.get(f"/en/my-complaint/files/{row.id}?download=1")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "\n" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.html", b"<html><script>alert(1)</script>"),
        ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("photo.jpg", b"MZ\x90\x00" + bytes(500)),
        ("photo.jpg", b""),
        ("photo.png", samples.huge_png(10_000)),
        ("script.php", b"<?php system($_GET[0]); ?>"),
        ("photo.jpg", b"\xff\xd8\xff" + b"\x00" * 100),
        ("macro.docm", b"PK\x03\x04" + bytes(300)),
    ],
)
def test_a_bad_file_is_refused_on_her_pages_too(
    client: Client, case: Complaint, name: str, data: bytes
) -> None:
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint/add")
    page = client.send(page, {"text": "Look", "files": [(BytesIO(data), name)]}, form="#answer", status=422)
    assert page.errors
    assert page.one("textarea[name=text]").get_text().strip() == "Look"
    assert db.session.scalars(select(Attachment)).all() == []


def test_a_page_of_forms_stands_in_no_frame(client: Client) -> None:
    answer = client.get("/en/")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert isinstance(client.page("/en/"), Page)
