"""The steps of the sample cases, in the words of the procedure, and how far each path of them goes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.cases import commands as c
from shared.cases import rules
from shared.cases.state import Point
from shared.db import db
from shared.letters.facts import Words
from shared.vocab import Channel, CloseReason, Finding

if TYPE_CHECKING:
    from shared.samples import Play

Step = Callable[["Play"], None]


def triage(play: "Play") -> None:
    play.does("olive", c.Triage(risk=play.sample.risk, note="Rang the resident and listened."))


def define(play: "Play") -> None:
    play.does(
        "olive",
        c.Define(
            points=(
                Point(number=1, text=Words(f"What you told us: {play.sample.story}")),
                Point(number=2, text=Words("We did not keep you informed.")),
            ),
            outcomes=(Words(play.sample.wanted),),
            responsible_for=Words("Repairs to the building, and how we keep you informed."),
            not_responsible_for=Words("Nothing in this complaint lies outside our responsibility."),
        ),
    )
    play.does("olive", c.Allocate(to=play.staff_ref(play.handler)))


def acknowledge(play: "Play") -> None:
    play.later(1)
    play.does("olive", c.Acknowledge())


def contact(play: "Play") -> None:
    play.later(1)
    words = "Introduced myself, read back the points, agreed to ring every Tuesday."
    play.does(
        play.handler,
        c.RecordContact(
            channel=Channel.PHONE,
            happened_at=play.now(),
            words=words,
            first_contact=True,
            contact_agreement="A call every Tuesday",
            contact_every_days=7,
        ),
    )


def extend(play: "Play") -> None:
    play.later(3)
    rule = rules.current_policy(db.session(), play.landlord).landlord.clocks
    reasons = [r.id for timer in rule.values() if timer.extension for r in timer.extension.reasons]
    play.agreed(
        play.handler,
        "mark",
        c.Extend(
            days=5,
            reason_code=reasons[0] if reasons else "",
            reason=Words("We need the report of the damp survey before we can answer you."),
            so_far=Words("We have read your reports and visited your home."),
            agreement_sought=True,
            agreed=True,
            agreement_words="Yes, on the phone: better a full answer than a quick one.",
            approver=play.staff_ref("mark"),
        ),
    )


def decide(play: "Play") -> None:
    play.later(2)
    _decide(play, play.handler)


def _decide(play: "Play", who: str) -> None:
    called = c.PointDecision(
        point=2,
        finding=Finding.PARTLY_UPHELD,
        reasons=Words("We sent one text message, but we did not ring when the visit was moved."),
        basis=Words("Our customer care standards: we ring on the day a visit is moved."),
        apology=Words("We did not tell you that the visit was moved."),
    )
    play.does(
        who,
        c.Decide(
            point=1,
            finding=Finding.UPHELD,
            reasons=Words("Our records show that you reported this and that nobody came."),
            basis=Words("Our repairs policy: routine repairs within 20 working days."),
            apology=Words("We left you waiting for a repair that was ours to make."),
            others=(called,),
        ),
    )


def answer(play: "Play") -> None:
    today = play.day
    play.does(
        play.handler,
        c.OfferRemedy(
            kind="money",
            text=Words("A payment for the distress and for your time and trouble."),
            amount_pence=5000,
            breakdown=(("Distress", 3000), ("Time and trouble", 2000)),
            by_on=play.calendar.add_working_days(today, 10),
            factors="duration, impact",
            approver=play.staff_ref("mark"),
        ),
    )
    play.does(
        play.handler,
        c.Commit(
            text=Words("Repair what you reported and check it with you."),
            owner=play.staff_ref("sunita"),
            due_on=play.calendar.add_working_days(today, 8 if play.sample.path == "promise_late" else 30),
        ),
    )
    play.later(1)
    play.does(
        play.handler,
        c.Respond(
            decision=Words(
                "We agree with your complaint in the main. We are sorry and we will put it right."
            ),
            steps_taken=Words("We read our records, spoke to the repairs team and visited your home."),
            apology=Words("We are sorry that you had to ask more than once."),
        ),
    )


def keep_promise(play: "Play") -> None:
    play.later(3)
    play.does(
        "sunita",
        c.CompleteCommitment(number=1, completed_on=play.day, proof="Repaired; checked on the visit."),
    )


def confirm(play: "Play") -> None:
    play.does("resident", c.ConfirmCommitment(number=1, done=True))


def deny(play: "Play") -> None:
    play.does("resident", c.ConfirmCommitment(number=1, done=False, words="It still leaks when it rains."))


def escalate(play: "Play") -> None:
    play.later(2)
    play.does("resident", c.Escalate())


def acknowledge_2(play: "Play") -> None:
    play.later(1)
    play.does("olive", c.Allocate(to=play.staff_ref(_reviewer(play))))
    play.does("olive", c.Acknowledge())


def contact_2(play: "Play") -> None:
    play.later(2)
    words = "Introduced myself, asked what was left unanswered, agreed to write by the end of the week."
    play.does(
        _reviewer(play),
        c.RecordContact(
            channel=Channel.PHONE,
            happened_at=play.now(),
            words=words,
            first_contact=True,
            contact_every_days=7,
        ),
    )


def _reviewer(play: "Play") -> str:
    return "moira" if play.handler == "hana" else "dora"


def answer_2(play: "Play") -> None:
    play.later(6)
    who = _reviewer(play)
    _decide(play, who)
    by_on = play.calendar.add_working_days(play.day, 10)
    play.does(who, c.OfferRemedy(kind="action", text=Words("A surveyor will find the cause."), by_on=by_on))
    play.agreed(
        who,
        "omar",
        c.Respond(
            decision=Words("We uphold your complaint. Our first answer did not go far enough."),
            steps_taken=Words("Somebody new read everything, spoke to you and inspected your home."),
            apology=Words("We are sorry that we did not put this right the first time."),
            contributors="Repairs team\nHousing team",
            checked_by=play.staff_ref("omar"),
        ),
    )


def learn_and_close(play: "Play") -> None:
    play.later(2)
    play.does(
        "omar",
        c.RecordLearning(theme="Keeping people informed", words="Ring on the day when a visit is moved."),
    )
    play.does("omar", c.Close(reason=CloseReason.FINAL_RESPONSE))


def refuse(play: "Play") -> None:
    policy = rules.current_policy(db.session(), play.landlord)
    ground = next(g for g in policy.landlord.exclusions if g.code_ground == "already_considered" and g.usable)
    play.agreed(
        "olive",
        "mark",
        c.NotAccept(
            ground=ground.id,
            reasons=Words("We answered the same complaint at both stages last year."),
            evidence=Words("Our final response of last year."),
            exceptional=Words("We asked whether anything is new. You told us that nothing has changed."),
            approver=play.staff_ref("mark"),
        ),
    )


def withdraw(play: "Play") -> None:
    play.does("resident", c.Withdraw(reason="It was mended."))


_TO_DEFINED = (triage, define)
_TO_ACKNOWLEDGED = (*_TO_DEFINED, acknowledge)
_TO_DECIDED = (*_TO_ACKNOWLEDGED, contact, decide)
_TO_ANSWERED = (*_TO_DECIDED, answer)
_TO_ESCALATED = (*_TO_ANSWERED, escalate)
_TO_STAGE_2 = (*_TO_ESCALATED, acknowledge_2)
_TO_FINAL = (*_TO_STAGE_2, contact_2, answer_2)

PATHS: dict[str, tuple[Step, ...]] = {
    "received": (),
    "triaged": (triage,),
    "defined": _TO_DEFINED,
    "acknowledged": _TO_ACKNOWLEDGED,
    "contacted": (*_TO_ACKNOWLEDGED, contact),
    "extended": (*_TO_ACKNOWLEDGED, contact, extend),
    "decided": _TO_DECIDED,
    "answered": _TO_ANSWERED,
    "promise_done": (*_TO_ANSWERED, keep_promise, confirm),
    "promise_denied": (*_TO_ANSWERED, keep_promise, deny),
    "promise_late": _TO_ANSWERED,
    "escalated": _TO_ESCALATED,
    "stage_2": (*_TO_STAGE_2, contact_2),
    "stage_2_late": _TO_STAGE_2,
    "final": _TO_FINAL,
    "closed": (*_TO_FINAL, learn_and_close),
    "not_accepted": (triage, refuse),
    "withdrawn": (triage, withdraw),
    "service_request": (),
    "recorded": (),
}
