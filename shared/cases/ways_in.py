"""Ways in to a case that are sent or given anew: links by e-mail, and a code in place of a lost one."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases import search
from shared.cases.state import CaseState, Person, decode
from shared.identity import access, tokens
from shared.identity.actors import Actor, Representative, Resident
from shared.mail import outbox, templates
from shared.models import Case, SignInLink
from shared.policy.load import load
from shared.vocab import Channel

LINK_MINUTES = 30
PURPOSE = "sign_in"
Address = Callable[[str, str], str]  # language and token -> the page behind a link, absolute
MOST_CASES = 5  # of one address: the newest; older ones open by their reference
MOST_LOOKED_AT = 50  # cases on which an address may stand as a part of a longer one
MOST_A_DAY = 12  # mails to one person for one case, whoever asks


def send_links(session: Session, typed: str, *, address: Address) -> int:
    """Send a link to everybody whom an e-mail address or a reference belongs to; the caller commits.

    Returns the number of the row whose six digits may be typed where this was asked: one is made for unknown
    people too, so that neither the answer nor its cost tells who is known.
    """
    newest = 0
    for row, person, actor in _behind(session, typed):
        if _asked_often(session, row.id, actor.key):
            continue
        link = _link(session, row.id, actor.key, with_code=not newest)
        newest = newest or link.id
        _mail(session, row, person, decode(row.state).language, link, address)
    if newest:
        return newest
    link = _link(session, None, None, with_code=True)
    _compose("en", "", link, address)  # costs what a real one does, and goes nowhere
    return link.id


def _behind(session: Session, typed: str) -> list[tuple[Case, Person, Actor]]:
    """The people whom a typed address or reference means, each with a case, newest first."""
    ref = tokens.parse_reference(typed)
    if ref is not None:
        rows = list(session.scalars(select(Case).where(Case.ref == ref)))
        return [(row, person, actor) for row in rows for person, actor in _reachable(decode(row.state))]
    wanted = typed.strip().casefold()
    if "@" not in wanted:
        return []
    words = tuple(search.tokens_of(wanted))
    if not words:
        return []
    asked = search.Asked((words,), open_end=False, among_who=True)
    numbers = search.newest(session, asked, MOST_LOOKED_AT)
    found = session.scalars(select(Case).where(Case.id.in_(numbers)).order_by(Case.id.desc()))
    people = [
        (row, person, actor)
        for row in found
        for person, actor in _reachable(decode(row.state))
        if person.email.strip().casefold() == wanted
    ]
    return people[:MOST_CASES]


def _reachable(state: CaseState) -> list[tuple[Person, Actor]]:
    """Who on a case may be sent a link: never somebody for whom e-mail is not safe."""
    people: list[tuple[Person, Actor]] = []
    # One mailbox for both is read by the helper: whoever opens it must not come in as the resident.
    alone = not state.anonymous and not state.safety.no_email and not state.one_mailbox
    if state.resident and state.resident.email and alone:
        people.append((state.resident, Resident(state.ref, state.resident.name)))
    if state.helper and state.helper.email:
        helper = Representative(state.ref, state.helper.name, state.consent.in_force(clock.today()))
        people.append((state.helper, helper))
    return people


def _asked_often(session: Session, case_id: int, person: str) -> bool:
    since = clock.now() - timedelta(days=1)
    mine = (SignInLink.case_id == case_id, SignInLink.person == person, SignInLink.created_at > since)
    return (session.scalar(select(func.count(SignInLink.id)).where(*mine)) or 0) >= MOST_A_DAY


def _link(session: Session, case_id: int | None, person: str | None, *, with_code: bool) -> access.IssuedLink:
    return access.issue_link(
        session,
        purpose=PURPOSE,
        lifetime=timedelta(minutes=LINK_MINUTES),
        secret=config.current().secret_key,
        case_id=case_id,
        person=person,
        with_code=with_code,
    )


def _compose(language: str, ref: str, link: access.IssuedLink, address: Address) -> templates.Composed:
    who = load(config.current().landlord).landlord
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


def _mail(
    session: Session, row: Case, person: Person, language: str, link: access.IssuedLink, address: Address
) -> None:
    words = _compose(language, row.ref, link, address)
    outbox.queue(
        session,
        channel=Channel.EMAIL,
        to=person.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=words.language,
        dedupe=f"sign-in:{link.id}",
        case_id=row.id,
        confidential=True,
    )
