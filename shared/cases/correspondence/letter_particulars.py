"""What only one kind of letter says: the words and dates that come from the step which sends it."""

from dataclasses import replace
from datetime import date

from shared.cases import commands as c
from shared.cases import wording
from shared.cases.state import CaseState, Commitment
from shared.letters import facts as f
from shared.letters.facts import LetterFacts, Words
from shared.policy.policy import Policy
from shared.policy.terms import Remit
from shared.vocab import CloseReason, LetterKind


def with_particulars(
    base: LetterFacts,
    kind: LetterKind,
    state: CaseState,
    command: c.Command | None,
    policy: Policy,
    moved_from: date | None,
) -> LetterFacts:
    """Add what the step itself has to tell. `moved_from` is the day that a moved promise had before."""
    if isinstance(command, c.Acknowledge) and command.message:
        return replace(base, update=command.message)
    if isinstance(command, c.UpdateResident):
        return replace(base, update=command.message)
    if kind is LetterKind.SURVEY:
        return replace(base, survey_link=f"{base.portal_link}/feedback")
    if isinstance(command, c.Translate | c.Triage | c.Define | c.RecomputeDates):
        return _with_update(base, command, state.language)
    if isinstance(command, c.MoveCommitment | c.CompleteCommitment):
        return _with_promise(base, command, state, moved_from)
    if isinstance(command, c.AskClarification):
        return replace(base, questions=(command.question,))
    if isinstance(command, c.Extend):
        last = state.extensions[-1]
        return replace(
            base,
            due_on=last.new_due_on,
            extension=f.ExtensionFact(
                old_due_on=last.old_due_on,
                new_due_on=last.new_due_on,
                reason=last.reason,
                so_far=command.so_far,
                agreement_asked=last.agreement_sought,
                agreed=last.agreed,
                exceptional=last.exceptional,
                late=last.late,
            ),
        )
    if isinstance(command, c.NotAccept | c.DeclineEscalation):
        # Not in the name of whoever looked into stage 1: it is no decision of theirs (Code 5.8).
        signs = None if isinstance(command, c.DeclineEscalation) else base.handler
        return replace(base, handler=signs, refusal=_refusal(command, policy, state.language))
    if isinstance(command, c.Close | c.Withdraw):
        return replace(
            base,
            closing_reason=_closing_words(command, state),
            ended_quickly=state.ended_quickly,
            survey_link=_survey(base, policy),
            learning=_learning(state),
        )
    return base


def _with_update(
    base: LetterFacts, command: c.Translate | c.Triage | c.Define | c.RecomputeDates, language: str
) -> LetterFacts:
    """What is new, where it is no message of a colleague's own."""
    match command:
        case c.Translate():
            return replace(base, update=Words(command.text, command.language.replace("_", "-")))
        case c.Triage():
            return replace(base, update=wording.taken_for_words(command.kind, language))
        case c.Define():
            return replace(base, definition_changed=True, update=command.why)
    return replace(base, update=wording.moved_words(command, language))


def _closing_words(command: c.Close | c.Withdraw, state: CaseState) -> Words:
    if isinstance(command, c.Withdraw):
        return wording.close_words(CloseReason.WITHDRAWN, state.language)
    return command.words or wording.close_words(command.reason, state.language)


def _learning(state: CaseState) -> Words | None:
    return Words(state.learning) if state.learning else None


def _survey(base: LetterFacts, policy: Policy) -> str:
    """The form that goes with the closing letter; where there is none a letter of its own asks."""
    closing = policy.landlord.closing
    return f"{base.portal_link}/feedback" if closing.survey and closing.feedback_form else ""


def _with_promise(
    base: LetterFacts, command: c.MoveCommitment | c.CompleteCommitment, state: CaseState, old_on: date | None
) -> LetterFacts:
    """A promise that is done, or one with its old and its new day and why the day moves."""
    promise = next(p for p in state.commitments if p.number == command.number)
    if isinstance(command, c.CompleteCommitment):
        return replace(base, promises_done=(promise_fact(promise),))
    reason = Words(command.reason, translation=command.translation or None)
    return replace(base, update=reason, moved=f.MovedFact(promise.text, old_on, command.due_on))


def _refusal(command: c.NotAccept | c.DeclineEscalation, policy: Policy, language: str) -> f.RefusalFact:
    grounds = (*policy.landlord.exclusions, *policy.landlord.escalation.refusals)
    ground = next((g for g in grounds if g.id == command.ground), None)
    return f.RefusalFact(
        ground=wording.policy_words(ground.words, language) if ground else None,
        clause=ground.source if ground else "",
        reasons=command.reasons,
        evidence=(command.evidence,),
        discretion=command.exceptional,
        advice=Words(ground.instead) if ground and ground.remit is Remit.INDEPENDENT_ADVICE else None,
    )


def promise_fact(promise: Commitment) -> f.CommitmentFact:
    """A promise as letters show it: done only where the resident did not deny it."""
    return f.CommitmentFact(
        text=promise.text,
        owner=promise.owner,
        due_on=promise.due_on,
        done_on=None if promise.open else promise.completed_on,
    )
