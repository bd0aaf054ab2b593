"""A new complaint out of an old case: both run side by side, and each knows of the other.

A service request that was handled badly stays a request and is worked on; the complaint about it is a case of
its own with clocks of its own (Code 1.4). A new point that comes too late, and dissatisfaction after the end,
become a complaint the same way (Code 6.8, 1.3).
"""

from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import service
from shared.cases.state import CaseState, Story, decode
from shared.db import db
from shared.identity.actors import Actor
from shared.models import Case
from shared.vocab import Channel


def raise_complaint(
    ref: str, words: str, why: str, actor: Actor, *, wanted: str = "", channel: Channel = Channel.PORTAL
) -> service.Done:
    """Begin a complaint by the person of another case, with everything they have told us already.

    `words` is what is wrong, in the person's own words; `why` says for the record how the two belong together.
    Raises NoSuchCase, NotAllowed or Refused like any step.
    """
    old = _state(ref)
    new = c.Submit(
        language=old.language,
        channel=channel,
        story=Story(what=words, language=old.language, wanted=wanted),
        resident=old.resident,
        helper=old.helper,
        consent=old.consent,
        anonymous=old.anonymous,
        group=old.group,
        safety=old.safety,
        needs=old.needs,
        linked=(ref,),
    )
    done = service.submit(new, actor, old.landlord)
    service.perform(ref, c.Link(ref=done.ref, why=why), actor)
    return done


def _state(ref: str) -> CaseState:
    row = db.session.scalar(select(Case).where(Case.ref == ref))
    if row is None:
        raise service.NoSuchCase
    return decode(row.state)
