"""My complaint: where it stands, what comes next and why then, who has it, and everything that can be done."""

from dataclasses import replace
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import progress
from portal.actions import DONE
from portal.blueprint import pages
from portal.case_access import OpenCase, Sight, open_case
from portal.my_complaint.decisions import offers
from portal.my_complaint.letters import heading_of
from shared import clock
from shared.cases.case_view import LetterRow
from shared.cases.correspondence import consent_request
from shared.cases.state import Commitment, Extension
from shared.vocab import Action, ConsentScope, Kind, Stage
from shared.web.access import resident
from shared.web.file_words import size_text
from shared.web.filters import day, fill, name
from shared.web.render import render


@pages.get("/my-complaint")
@resident
def my_complaint() -> ResponseReturnValue:
    """The whole of it for those who may know; a receipt, or what was agreed, for a helper."""
    case = open_case()
    done = DONE.get(request.args.get("done", ""), "")
    frame = {"case": case, "ref": case.ref, "done": done, "may": case.may, "A": Action}
    if case.sight is Sight.ALL:
        return render("portal/mine.html", heading=heading(case), **frame, **whole(case))
    some = case.sight is Sight.SOME
    return render(
        "portal/mine_helper.html",
        heading=gettext("The complaint that you help with"),
        some=some,
        resident_name=case.view.state.resident.name if case.view.state.resident else "",
        basis=consent_request.footing(case.view.state, case.view.policy),
        topics=case.view.state.consent.topics if some else "",
        letters=letters(case),
        **frame,
    )


def heading(case: OpenCase) -> str:
    """What the page calls the case."""
    if case.helper:
        return gettext("The complaint that you help with")
    return {
        Kind.COMPLAINT: gettext("My complaint"),
        Kind.SERVICE_REQUEST: gettext("My request"),
    }.get(case.view.state.kind, gettext("What I told you"))


def whole(case: OpenCase) -> dict[str, Any]:
    """Everything the page shows to those who may be told everything."""
    view, state = case.view, case.view.state
    return {
        "view": view,
        "state": state,
        "stage": state.stage,
        "complaint": state.kind is Kind.COMPLAINT,
        "steps": progress.steps(view),
        "next": progress.next_step(view),
        "promises": [promise(p) for p in state.commitments],
        "offers": offers(case),
        "questions": [q for q in state.clarifications if q.answered_at is None],
        "extension": open_extension(case),
        "panel": open_panel(case),
        "letters": letters(case),
        "files": view.files,
        "messages": tuple(reversed(state.messages))[:3],
        "more_messages": len(state.messages) > 3,
        "second": progress.stage_names(view)[1],
        "ombudsman": view.policy.ombudsman(clock.today()),
        "in_remit": state.resident is None or state.resident.relationship not in {"neighbour", "public"},
        "today": clock.today(),
        "survey": state.stage is Stage.CLOSED and view.policy.landlord.closing.survey,
        "size_text": size_text,
        "consent": state.consent.in_force(clock.today()),
        "asks_consent": _asks_consent(case),
    }


def _asks_consent(case: OpenCase) -> bool:
    """Whether somebody helps and the resident has not said yet what they may be told."""
    state = case.view.state
    return state.helper is not None and state.consent.scope is ConsentScope.NONE and not case.helper


def letters(case: OpenCase) -> list[LetterRow]:
    """The letters this person may read, newest first."""
    return [replace(row, title=heading_of(row.title, case.ref)) for row in reversed(case.view.letters)]


def open_extension(case: OpenCase) -> Extension | None:
    """The extension that waits for the resident's word."""
    state = case.view.state
    if case.may(Action.ANSWER_EXTENSION) and state.extensions:
        return state.extensions[-1]
    return None


def open_panel(case: OpenCase) -> str:
    """What the landlord says of its panel, while the resident has not said whether she wants it; "" otherwise."""
    offered, known = case.view.policy.landlord.panel, case.view.state.panel
    waits = known is None or (known.asked_on is None and not known.declined)
    return progress.words(offered.words) if offered and waits and case.may(Action.HOLD_PANEL) else ""


def promise(one: Commitment) -> dict[str, Any]:
    """A promise with its state in words: promised, late, said to be done, kept, not kept."""
    if one.confirmed is True:
        text, kind = gettext("You told us that it is done."), "done"
    elif one.confirmed is False:
        text, kind = gettext("You told us that it is not done. We look into it."), "overdue"
    elif one.completed_on is not None:
        text, kind = (
            fill(gettext("We say that we did it on %(day)s. Is that right?"), day=day(one.completed_on)),
            "today",
        )
    elif one.due_on < clock.today():
        text, kind = (
            fill(gettext("We promised this for %(day)s. We are late."), day=day(one.due_on)),
            "overdue",
        )
    else:
        text, kind = fill(gettext("We do this by %(day)s."), day=day(one.due_on)), "later"
    return {
        "number": one.number,
        "text": one.text,
        "owner": name(one.owner),
        "said": text,
        "kind": kind,
        "words": one.confirmed_words,
        "proof": one.proof,
        "confirmed": one.confirmed,
    }
