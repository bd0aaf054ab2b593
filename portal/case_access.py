"""How much of a case its reader may see and do: read from the case at every request, never from the session.

The resident sees all. A helper sees what the resident agreed to, on that day (Code 3.6); without consent a
receipt and nothing else, and may still add information.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from flask import abort, make_response, request, url_for

from portal import quick_exit
from shared import clock
from shared.cases import queries, service
from shared.cases.access import disclosure
from shared.cases.case_view import CaseView
from shared.identity.actors import Representative, Resident
from shared.vocab import Action, ConsentScope
from shared.web import access, errors
from shared.web.forms import fingerprint
from shared.web.render import go_on, render


class Sight(StrEnum):
    """How much somebody sees."""

    ALL = "all"
    SOME = "some"  # only what the resident named, and the letters addressed to the helper
    RECEIPT = "receipt"  # that we have it, and nothing else


# What a helper may do who is told of some things only, or of nothing: give, never take or decide.
GIVES = {
    Sight.SOME: frozenset({Action.ADD_INFORMATION, Action.MESSAGE}),
    # Consent that ended with the record tells a helper nothing more; to ask for stage 2 stays open (Code 6.10).
    Sight.RECEIPT: frozenset({Action.ADD_INFORMATION, Action.ESCALATE}),
}


@dataclass(frozen=True, slots=True)
class OpenCase:
    """The signed-in person's case as it stands now, with how much of it they see."""

    view: CaseView
    actor: Resident | Representative
    sight: Sight

    @property
    def ref(self) -> str:
        """The reference."""
        return self.view.ref

    @property
    def helper(self) -> bool:
        """Whether the reader acts for somebody else."""
        return isinstance(self.actor, Representative)

    def may(self, action: Action) -> bool:
        """Whether this person may do this now; pages and posts both ask here."""
        given = GIVES.get(self.sight)
        return action in self.view.allowed and (given is None or action in given)


def open_case() -> OpenCase:
    """The case of whoever is signed in. A case that is not theirs is as unknown as one that never was."""
    actor = access.actor()
    try:
        view = queries.case(actor.case_ref, actor)
    except service.NoSuchCase:
        abort(404)
    quick_exit.note_danger(view.state.story.danger)
    return OpenCase(view, actor, _sight(view, actor))


def _sight(view: CaseView, actor: Resident | Representative) -> Sight:
    if disclosure.told(view.state, actor):
        return Sight.ALL
    some = view.state.consent.in_force(clock.today()) is ConsentScope.SOME
    return Sight.SOME if some else Sight.RECEIPT


def open_case_for(action: Action) -> OpenCase:
    """The case, for a page by which something is done; elsewhere the person learns that it cannot be now."""
    case = open_case()
    if not case.may(action):
        if request.method == "POST" and was_sent(case, action):
            abort(go_on(url_for("portal.my_complaint")))
        not_now()
    return case


def sent_form(action: Action) -> str:
    """The fingerprint of the form in this request, by which the same form sent again is known."""
    names = [one.filename or "" for one in request.files.getlist("files")]
    sent = [(name, values) for name, values in request.form.lists() if name != "csrf_token"]
    return fingerprint([action, request.endpoint, sorted((request.view_args or {}).items()), names], sent)


def was_sent(case: OpenCase, action: Action) -> bool:
    """Whether this is the second of two presses, and the first has done it already."""
    form = sent_form(action)
    return any(event.actor == case.actor.key and event.facts.form == form for event in case.view.events)


def open_whole_case() -> OpenCase:
    """The case, for a page that only those see who may be told everything; 404 for all others."""
    case = open_case()
    if case.sight is not Sight.ALL:
        abort(404)
    return case


def not_now() -> NoReturn:
    """A plain page for what cannot be done: the stage has moved on, or it is for the resident to decide."""
    abort(make_response(render("portal/not_now.html", status=403, typed=errors.typed_words())))
