"""Ways in to a case that are sent to people: a link and six digits by e-mail, or the digits by text message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases.correspondence import texting
from shared.cases.inbox import search, search_tokens
from shared.cases.state import CaseState, Person, decode
from shared.identity import access, tokens
from shared.identity.actors import Actor, Representative, Resident
from shared.mail import outbox, phones, templates
from shared.models import Case, SignInLink
from shared.policy.load import load
from shared.vocab import Channel

LINK_MINUTES = 30
Address = Callable[[str, str], str]  # language and token -> the page behind a link, absolute
MOST_CASES = 5  # of one address: the newest; older ones open by their reference
MOST_LOOKED_AT = 50  # cases on which an address may stand as a part of a longer one
MOST_A_DAY = 12  # mails to one person for one case, whoever asks


def send_links(session: Session, typed: str, *, address: Address) -> str:
    """Send a way in to everybody whom an address, a mobile number or a reference belongs to; the caller commits.

    Returns the key of the link whose six digits may be typed where this was asked: one is made for unknown
    people too, so that neither the answer nor its cost tells who is known.
    """
    newest = ""
    for row, way in _behind(session, typed):
        text = way.channel is Channel.TEXT
        if _asked_often(session, row.id, way.actor.key) or (
            text and not texting.may_go(session, way.address)
        ):
            continue
        link = _link(session, row.id, way.actor.key, with_code=text or not newest)
        newest = newest or link.key
        _send(session, row, way, decode(row.state).language, link, address)
        if text:
            break  # several codes by text could not be told apart
    if newest:
        return newest
    link = _link(session, None, None, with_code=True)
    _words(Channel.TEXT if phones.mobile(typed) else Channel.EMAIL, "en", "", link, address)  # goes nowhere
    return link.key


@dataclass(frozen=True, slots=True)
class Way:
    """How one person on a case can be reached with a way in."""

    person: Person
    actor: Actor
    channel: Channel
    address: str


def _behind(session: Session, typed: str) -> list[tuple[Case, Way]]:
    """The people whom a typed address, mobile number or reference means, each with a case, newest first."""
    ref = tokens.parse_reference(typed)
    if ref is not None:
        rows = list(session.scalars(select(Case).where(Case.ref == ref)))
        return [(row, way) for row in rows for way in _first_ways(decode(row.state))]
    number = phones.mobile(typed)
    wanted = number or typed.strip().casefold()
    words = tuple(search_tokens.tokens_of(search_tokens.phone_token(number) if number else wanted))
    if not words or not (number or "@" in wanted):
        return []
    asked = search.Asked((words,), open_end=False, among_who=True)
    numbers = search.newest(session, asked, MOST_LOOKED_AT)
    found = session.scalars(select(Case).where(Case.id.in_(numbers)).order_by(Case.id.desc()))
    people = [
        (row, way)
        for row in found
        for way in _ways(decode(row.state))
        if way.address.strip().casefold() == wanted
    ]
    return people[:MOST_CASES]


def _first_ways(state: CaseState) -> list[Way]:
    """One way for each person of a case: e-mail where there is one, or else a text message."""
    first: dict[str, Way] = {}
    for way in _ways(state):
        first.setdefault(way.actor.key, way)
    return list(first.values())


def _ways(state: CaseState) -> list[Way]:
    """How the people of a case may be sent a way in: never by a channel that is not safe for them."""
    ways: list[Way] = []
    # One mailbox for both is read by the helper: whoever opens it must not come in as the resident.
    alone = not state.anonymous and not state.safety.no_email and not state.one_mailbox
    if state.resident is not None:
        resident = Resident(state.ref, state.resident.name)
        if state.resident.email and alone:
            ways.append(Way(state.resident, resident, Channel.EMAIL, state.resident.email))
        if number := texting.number_for(state, "resident"):
            ways.append(Way(state.resident, resident, Channel.TEXT, number))
    if state.helper is not None:
        helper = Representative(state.ref, state.helper.name, state.consent.in_force(clock.today()))
        if state.helper.email:
            ways.append(Way(state.helper, helper, Channel.EMAIL, state.helper.email))
        if number := texting.number_for(state, "representative"):
            ways.append(Way(state.helper, helper, Channel.TEXT, number))
    return ways


def _asked_often(session: Session, case_id: int, person: str) -> bool:
    since = clock.now() - timedelta(days=1)
    mine = (SignInLink.case_id == case_id, SignInLink.person == person, SignInLink.created_at > since)
    return (session.scalar(select(func.count(SignInLink.id)).where(*mine)) or 0) >= MOST_A_DAY


def _link(session: Session, case_id: int | None, person: str | None, *, with_code: bool) -> access.IssuedLink:
    return access.issue_link(
        session,
        purpose=access.SIGN_IN,
        lifetime=timedelta(minutes=LINK_MINUTES),
        secret=config.current().secret_key,
        case_id=case_id,
        person=person,
        with_code=with_code,
    )


def _words(
    channel: Channel, language: str, ref: str, link: access.IssuedLink, address: Address
) -> templates.Composed:
    who = load(config.current().landlord).landlord
    if channel is Channel.TEXT:
        return templates.text_message(
            "sign_in", language, landlord=who.name, code=link.code, minutes=LINK_MINUTES
        )
    return templates.compose(
        "sign_in",
        language,
        landlord=who.name,
        reference=ref,
        link=address(language, link.token),
        code=link.code,
        minutes=LINK_MINUTES,
        phone=who.contact.phone,
    )


def _send(
    session: Session, row: Case, way: Way, language: str, link: access.IssuedLink, address: Address
) -> None:
    words = _words(way.channel, language, row.ref, link, address)
    why = f"sign-in:{link.id}"
    outbox.queue_words(session, words, to=way.address, dedupe=why, case_id=row.id, confidential=True)
