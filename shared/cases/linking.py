"""A new complaint out of an old case: both run side by side, and each knows of the other.

A service request that was handled badly stays a request and is worked on; the complaint about it is a case of
its own with clocks of its own (Code 1.4). A new point that comes too late, and dissatisfaction after the end,
become a complaint the same way (Code 6.8, 1.3).
"""

from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.state import Consent, Story
from shared.db import ensure, writing
from shared.identity import tokens
from shared.identity.actors import Actor, Representative
from shared.models import Draft
from shared.vocab import Action, Channel


def raise_complaint(
    ref: str,
    words: str,
    why: str,
    actor: Actor,
    *,
    wanted: str = "",
    channel: Channel = Channel.PORTAL,
    form: str = "",
) -> service.Done:
    """Begin a complaint by the person of another case, with everything they have told us already.

    `words` is what is wrong, in the person's own words; `why` says for the record how the two belong together.
    `form` is the fingerprint of the form that asked for it: sent twice it raises one complaint.
    Raises NoSuchCase, NotAllowed or Refused like any step.
    """
    view = queries.case(ref, actor)
    if Action.LINK not in view.allowed:
        raise service.NotAllowed(Action.LINK, view.state.stage)
    old = view.state
    # What a helper may be told of one complaint she may not be told of another by her own word (Code 3.6).
    by_helper = isinstance(actor, Representative)
    new = c.Submit(
        language=old.language,
        channel=channel,
        story=Story(what=words, language=old.language, wanted=wanted),
        resident=old.resident,
        helper=old.helper,
        consent=Consent(basis=old.consent.basis)
        if by_helper or old.consent.ended_by_closing
        else old.consent,
        anonymous=old.anonymous,
        group=old.group,
        safety=old.safety,
        needs=old.needs,
        linked=(ref,),
    )
    done = service.submit(new, actor, old.landlord, _once(form, old.language) if form else None)
    if not done.again:
        service.perform(ref, c.Link(ref=done.ref, why=why), actor, form=form)
    return done


def _once(form: str, language: str) -> int:
    """A draft under the fingerprint of the form: sent twice, it gives the same case (see service.submit)."""
    key = tokens.fingerprint("raise", form)
    with writing() as session:
        now = clock.now()
        ensure(session, Draft, token_hash=key, language=language, answers={}, created_at=now, updated_at=now)
        return int(session.scalars(select(Draft.id).where(Draft.token_hash == key)).one())
