"""What of a case a person may be told: which of its letters, files and facts are there for whom (Code 3.6)."""

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from shared import clock
from shared.cases import standing
from shared.cases.state import CaseState, Milestones, Person, Story, decode
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.models import Attachment, Case, Letter
from shared.vocab import ConsentScope, LetterKind


def parts(session: Session, row: Case, state: CaseState, actor: Actor) -> dict[int, str]:
    """The cases that came into this one, by number, of which this person may read letters and files too.

    Staff read all; a resident those that surely are hers; a helper none: what she may be told of one complaint
    says nothing about another (Code 3.6).
    """
    if isinstance(actor, Staff):
        refs = [one.ref for one in state.merged]
    elif isinstance(actor, Resident):
        refs = [one.ref for one in state.merged if one.same_person]
    else:
        refs = []
    if not refs:
        return {}
    query = select(Case.id, Case.ref).where(Case.ref.in_(refs), Case.merged_into == row.ref)
    return {one.id: one.ref for one in session.execute(query)}


def told(state: CaseState, actor: Actor) -> bool:
    """Whether this person may be told about the case: the resident always, a helper by consent (Code 3.6)."""
    if isinstance(actor, Resident):
        return True
    if not isinstance(actor, Representative):
        return False
    return state.consent.in_force(clock.today()) in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}


def held_back(state: CaseState, actor: Actor) -> int | None:
    """The event whose letter has not left yet, for those whom it has not reached; None when there is none."""
    sent = state.last_sent
    return sent.seq if sent and not isinstance(actor, Staff) and standing.still_held(state) else None


def letters_for(case_id: int, state: CaseState, actor: Actor, held: int | None) -> list[ColumnElement[bool]]:
    """Which letters somebody may read: staff all of them, others none that was, or can still be, taken back.

    `held` counts the events of this case; those of a case that came into it have numbers of their own.
    """
    if isinstance(actor, Staff):
        return []
    sent: list[ColumnElement[bool]] = [Letter.undone.is_(False)]
    if held is not None:
        sent.append(or_(Letter.case_id != case_id, Letter.seq < held))
    return [*sent, _readable(state, actor)] if isinstance(actor, Representative) else sent


def untold(state: CaseState, helper: Actor) -> CaseState:
    """The case for a helper who may not be told of it: that it is there, who it is for, and her own words."""
    m = state.milestones
    return CaseState(
        ref=state.ref,
        landlord=state.landlord,
        policy_version=state.policy_version,
        kind=state.kind,
        stage=state.stage,
        language=state.language,
        channel=state.channel,
        story=Story(what=""),
        milestones=Milestones(received_at=m.received_at, logged_at=m.logged_at),
        resident=Person(name=state.resident.name) if state.resident else None,
        helper=state.helper,
        consent=state.consent,
        messages=tuple(x for x in state.messages if x.sender == helper.display and not x.from_staff),
    )


def _readable(state: CaseState, helper: Representative) -> ColumnElement[bool]:
    """The letters a helper may read: all but the question about herself, those to her, or her receipt."""
    if told(state, helper):
        return Letter.kind != LetterKind.CONSENT.value
    to_helper = Letter.to == "representative"
    if state.consent.in_force(clock.today()) is ConsentScope.SOME:
        return to_helper
    return and_(to_helper, Letter.kind == LetterKind.RECEIPT.value)


def files_for(
    session: Session, parts: dict[int, str], state: CaseState, actor: Actor
) -> list[ColumnElement[bool]]:
    """Which files somebody may look at: staff all; others, if they may be told at all, what is not internal.

    The case names its files. One that came with a letter is therefore not there before the letter leaves, and
    not after it was taken back.
    """
    if isinstance(actor, Staff):
        return []
    if not told(state, actor):
        return [false()]
    kept = session.scalars(select(Case.state).where(Case.id.in_(parts))) if parts else ()
    named = {file.id for one in (state, *map(decode, kept)) for file in one.files}
    return [Attachment.internal.is_(False), Attachment.id.in_(named)]
