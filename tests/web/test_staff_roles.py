"""Which role opens which page: every staff route and every role, against one table to read.

c colleague, O officer, H handler, S service manager, M manager, D director, B member responsible for
complaints, A administrator. After a colon: who opens it on a case in which they have a part. A page that is
not there for somebody answers 403 or 404, and says nothing of the case.
"""

from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.routing import IntegerConverter

from shared import clock
from shared.cases import commands as c
from shared.cases import files, service
from shared.db import db
from shared.letters.facts import Words
from shared.models import Case, Delegation, Letter
from shared.vocab import STAFF_ROLES, Role
from shared.web import access
from tests.support import staff as made
from tests.support.desk import life

LETTERS = {
    "c": Role.COLLEAGUE,
    "O": Role.OFFICER,
    "H": Role.HANDLER,
    "S": Role.SERVICE_MANAGER,
    "M": Role.MANAGER,
    "D": Role.DIRECTOR,
    "B": Role.MEMBER_RESPONSIBLE,
    "A": Role.ADMIN,
}
TABLE = """
everybody who works here
  home sign_out keys keys_post rules                                           cOHSMDBA
logging what reached them
  intake                                                                       cOHSMD
  intake_receipt                                                               OHMD     : OHSMD
lists of cases
  inbox inbox_news inbox_density views views_post view_delete search           OHSMDB
  many_cases many_post                                                         OHSMD
one case
  case letter letter_pdf letter_text file                                      OHMDB    : OHSMDB
  act                                                                          OHMD     : OHSMD
  here draft                                                                   OHMDB    : OHSMDB
  new_code new_code_post                                                       OHM
  case_openings                                                                M
a person's own day
  mine mentioned mention_read                                                               OHSMDB
absences, figures, checks
  away away_post                                                               OHSMDB
  away_one away_end                                                            M
  dashboard dashboard_post                                                     OHSMDB
  openings openings_one openings_one_post                                      M
  mail                                                                         OM
  undelivered undelivered_again_all                                            OMA
  texts texts_post                                                             MA
keeping the service
  holidays holidays_post                                                       MA
  people people_new people_new_post people_one people_one_post roles           A
"""
# A number of one's own, or that of a thing which is gone after the first time: tried by tests of their own.
ELSEWHERE = {"many_done", "many_undo", "mail_place", "mail_dismiss", "people_disable", "people_invite"} | {
    "mail_read",
    "mail_whole",
    "new_code_letter",
    "texts_one",
    "texts_one_post",
    "texts_delete",
    "undelivered_again",
    "undelivered_settle",
}
SHUT = {403, 404, 409}  # not for this role; not there; there, but nothing that this role may do
Row = tuple[frozenset[Role], frozenset[Role]]


def table() -> dict[str, Row]:
    """For each page who opens it on any case, and who on a case in which they have a part."""
    found: dict[str, Row] = {}
    for line in TABLE.splitlines():
        if not line.startswith("  "):
            continue
        names, _, part = line.partition(":")
        *pages, letters = names.split()
        anyone = frozenset(LETTERS[one] for one in letters)
        for page in pages:
            found[page] = (anyone, frozenset(LETTERS[one] for one in part.strip()) or anyone)
    return found


def routes(app: Flask) -> dict[str, object]:
    """Every staff page that asks who is there."""
    return {
        rule.endpoint.removeprefix("staff."): rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("staff.")
        and (mark := access.mark_of(app.view_functions[rule.endpoint]))
        and mark.side == "staff"
    }


def test_every_page_stands_in_the_table(app: Flask) -> None:
    assert set(routes(app)) == set(table()) | ELSEWHERE
    assert set(LETTERS.values()) == STAFF_ROLES


@pytest.mark.only_on("sqlite")  # rights come from roles; test_staff_sight.py asks both databases
@pytest.mark.parametrize("part", [False, True], ids=["any case", "with a part"])
@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_every_page_with_every_role(app: Flask, role: Role, part: bool) -> None:
    me = made.colleague(role, name="The Reader")
    manager = made.colleague(Role.MANAGER, name="Mark Boss")
    play = life().at_stage_1()
    picture = BytesIO()
    Image.new("RGB", (8, 8), "#456").save(picture, "PNG")
    picture.seek(0)
    kept = files.add(picture, "wall.png", added_by="Mina Rahman")
    play.by(play.officer, c.AddInformation(text="A photo", files=(kept,)))
    if part:
        owed = c.Commit(text=Words("A fan"), owner=made.ref_of(me), due_on=clock.today() + timedelta(days=5))
        play.by(play.officer, owed)
    browser = made.sign_in(made.browser(app), manager)
    browser.page(f"/staff/cases/{play.ref}")  # leaves an opening to check
    db.session.add(_absence(play.handler.id, manager.id))
    db.session.commit()
    browser = made.sign_in(made.browser(app), me)
    token = browser.page("/staff/").one("header form input")["value"]
    plain = FlaskClient(app, app.response_class)  # what refusals look like is tried elsewhere
    cookie = browser.get_cookie("redress")
    assert cookie is not None
    numbers = {
        "file": kept.id,
        **dict.fromkeys(("letter", "letter_pdf", "letter_text"), db.session.query(Letter.id).first()[0]),  # type: ignore[index]
    }
    for name, rule in routes(app).items():
        if name in ELSEWHERE or name == "sign_out":
            continue
        fits = role in table()[name][part]
        values = {
            arg: numbers.get(name, 1) if isinstance(kind, IntegerConverter) else play.ref
            for arg, kind in rule._converters.items()  # type: ignore[attr-defined]
        }
        values |= {"action": "note"} if "action" in values else {}
        url = rule.build(values, append_unknown=False)[1]  # type: ignore[attr-defined]
        for method in sorted(rule.methods & {"GET", "POST"}):  # type: ignore[attr-defined]
            plain.set_cookie("redress", cookie.value)
            seen = str(db.session.query(Case.version).filter_by(ref=play.ref).scalar())
            data = {"csrf_token": token, "seen": seen, "step": "tag"} if method == "POST" else None
            answer = plain.open(
                url + ("?step=tag" if name == "many_cases" else ""), method=method, data=data, buffered=True
            )
            assert (answer.status_code not in SHUT) is fits, f"{role} {method} {url}: {answer.status}"
            assert answer.status_code < 500
            if not fits:
                assert "Mina" not in answer.get_data(as_text=True), f"{role} {method} {url}"


def _absence(away: int, to: int) -> Delegation:
    today = clock.today()
    return Delegation(id=1, from_id=away, to_id=to, from_on=today, until_on=today, made_by="A manager")


HERS = ("Mina", "Rahman", "Elm Court", "WA8 0TD", "mina@resident.example", "01632", "dripped")


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.MEMBER_RESPONSIBLE])
def test_personal_data_lies_folded_for_who_oversees(app: Flask, role: Role) -> None:
    """They read how a case was handled. Who it is about is one press away, and never open by itself."""
    play = life(what="Water dripped on the cot").answered()
    service.perform(play.ref, c.Tag(add=("damp",)), made.actor(play.officer))
    client = made.sign_in(made.browser(app), made.colleague(role, name="The Reader"))
    letter = db.session.query(Letter.id).order_by(Letter.id.desc()).first()
    assert letter is not None
    other = made.complaint(what="It dripped again")
    case = f"/staff/cases/{play.ref}"
    tabs = ("record", "letters", "points", "promises", "people", "files", "similar")
    pages = [case, *(f"{case}?tab={tab}" for tab in tabs), f"{case}/letters/{letter[0]}"]
    pages += ["/staff/inbox?tab=all-open", "/staff/inbox?tab=unread", "/staff/search?q=Mina"]
    pages += ["/staff/dashboard", "/staff/away"]
    pages += (
        [f"/staff/intake/{other}", f"{case}/note", f"/staff/many?ref={play.ref}&step=tag"]
        if role is Role.DIRECTOR
        else []
    )
    shown = 0
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        main = soup.select_one("main")
        assert main is not None
        shown += "Mina" in main.get_text()
        for folded in main.select("details:not([open])"):
            folded.decompose()
        for box in main.select("input[type=search]"):
            box.decompose()
        open_text = main.get_text(" ")
        assert not [word for word in HERS if word in open_text], f"{role} {page}"
    assert shown > 4, "it is there, folded"
