"""Specimen cases for tests: each made by submit and perform alone, so that none is in an impossible state.

`team()` adds a small landlord's staff. A `Play` is one case and the people who act on it, at instants that the
test names in London time ("Mon 21 Dec 2026 10:00"). The functions below the commands take a play as far as
their name says; every one begins where the one before it ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from shared import clock
from shared.cases import approvals, case_clocks, event_log, rules, service
from shared.cases import commands as c
from shared.cases.effects import Happened
from shared.cases.state import CaseState, Consent, Person, Point, StaffRef, Story, decode
from shared.db import db, writing
from shared.deadlines.compute import Clock
from shared.identity import accounts
from shared.identity.actors import Actor, Representative, Resident, Staff, System
from shared.letters.facts import Words
from shared.models import Case
from shared.policy.load import load
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import Channel, CloseReason, ConsentScope, Finding, Risk, Role

LANDLORDS = ("halton", "housing-services", "harrogate")
BEGUN = "Mon 1 Mar 2027 10:00"
PEOPLE = {
    "olive": ("Olive Moss", Role.OFFICER),
    "omar": ("Omar Reid", Role.OFFICER),
    "hana": ("Hana Price", Role.HANDLER),
    "hugh": ("Hugh Lane", Role.HANDLER),
    "sunita": ("Sunita Rao", Role.SERVICE_MANAGER),
    "mark": ("Mark Dunn", Role.MANAGER),
    "moira": ("Moira Kerr", Role.MANAGER),
    "dora": ("Dora West", Role.DIRECTOR),
    "carl": ("Carl Frost", Role.COLLEAGUE),
    "mabel": ("Mabel Shaw", Role.MEMBER_RESPONSIBLE),
}
RESIDENT = Person(
    name="Amina Yusuf",
    email="amina@resident.example",
    phone="07700 900982",
    address=("4 Elm Court", "Widnes"),
    postcode="WA8 0TD",
    relationship="tenant",
)
HELPER = Person(name="Noor Yusuf", email="noor@helper.example", relationship="family")


def instant(text: str) -> datetime:
    """A London instant such as "Mon 21 Dec 2026 10:00". Raises AssertionError for a wrong weekday."""
    moment = datetime.strptime(text, "%a %d %b %Y %H:%M").replace(tzinfo=clock.LONDON)
    assert moment.strftime("%a") == text[:3], f"{text} is a {moment:%A}"
    return moment


def day(text: str) -> date:
    """A London day such as "Mon 21 Dec 2026"."""
    return instant(f"{text} 12:00").date()


def team() -> dict[str, Staff]:
    """Everybody who works here, by first name."""
    with writing() as session:
        for short, (name, role) in PEOPLE.items():
            accounts.add(
                session,
                name=name,
                email=f"{short}@landlord.example",
                roles=[role],
                job_title=f"{role.value.replace('_', ' ').capitalize()}",
            )
    return colleagues()


def colleagues() -> dict[str, Staff]:
    """Everybody who has an account, by first name."""
    found = accounts.everybody(db.session())
    return {a.email.partition("@")[0]: accounts.as_actor(a) for a in found}


@dataclass
class Play:
    """One case, and what happens to it."""

    landlord: str
    people: dict[str, Staff]
    ref: str = ""
    now: datetime = field(default_factory=lambda: instant(BEGUN))
    helper: Person | None = None

    @contextmanager
    def at(self, when: str | datetime | None = None) -> Iterator[None]:
        """Live at another instant; without one, a minute after the last."""
        self.now = instant(when) if isinstance(when, str) else when or self.now + timedelta(minutes=1)
        with clock.pretend(self.now):
            yield

    def actor(self, who: str) -> Actor:
        """A colleague by first name, the resident, her helper, or the service itself ("system")."""
        if who == "resident":
            return Resident(self.ref, RESIDENT.name)
        if who == "system":
            return System("deadlines")
        if who == "helper":
            return Representative(self.ref, HELPER.name, ConsentScope.NONE)
        return self.people[who]

    def staff(self, who: str) -> StaffRef:
        """A colleague as commands name them."""
        person = self.people[who]
        return StaffRef(id=person.id, name=person.name, job=person.job_title, email=person.email)

    def submits(self, command: c.Submit | None = None, by: str = "resident", at: str = BEGUN) -> "Play":
        """The case begins."""
        with self.at(at):
            self.ref = service.submit(command or complaint(), self.actor(by), self.landlord).ref
        return self

    def does(
        self, who: str, command: c.Command, at: str | datetime | None = None, *, asked: bool = True
    ) -> service.Done:
        """One step, seen as it stands; raises what perform raises.

        Whoever the step names as approver or reader is asked before, and says yes, unless `asked` is false.
        """
        if asked:
            self.yes(who, command)
        with self.at(at):
            return service.perform(self.ref, command, self.actor(who), self.row.version)

    def yes(self, who: str, command: c.Command) -> None:
        """The yes in person that a step needs, as far as the person named may give one."""
        named = getattr(command, "approver", None) or getattr(command, "checked_by", None)
        other = next((short for short, one in self.people.items() if named and one.id == named.id), None)
        if named is None or other is None or other == who:
            return
        exactly = approvals.covered(self.state, command)
        with suppress(service.Refused, service.NotAllowed, service.NoSuchCase):
            ask = c.AskCheck(of=named, about=command.action, exactly=exactly)
            self.does(who, ask, self.now, asked=False)
            self.does(other, c.Check(about=command.action, fine=True), self.now, asked=False)

    @property
    def row(self) -> Case:
        """The case's row, read anew."""
        db.session.rollback()
        found = db.session.scalar(select(Case).where(Case.ref == self.ref))
        assert found is not None
        return found

    @property
    def state(self) -> CaseState:
        return decode(self.row.state)

    @property
    def policy(self) -> Policy:
        return load(self.landlord)

    @property
    def events(self) -> list[Happened]:
        return event_log.events(db.session(), self.row.id)

    @property
    def clocks(self) -> dict[ClockName, Clock]:
        return case_clocks.clocks(self.state, self.policy, rules.calendar(db.session()))

    @property
    def duties(self) -> dict[str, date]:
        """What is owed now: the clock's name and its day, the earlier of landlord's and Code's."""
        return {d.name.value: d.due_on for d in case_clocks.duties(self.state, self.clocks)}


# ---- commands that nothing stands in the way of ------------------------------------------------------------


def complaint(**changes: Any) -> c.Submit:
    """A complaint by a tenant who can be reached in every way."""
    told = Story(what="There is mould in the bedroom and nobody came.", wanted="Please mend the wall.")
    command = c.Submit(language="en", channel=Channel.PORTAL, story=told, resident=RESIDENT)
    return replace_in(command, **changes)


def replace_in(command: Any, **changes: Any) -> Any:
    """A command with some fields changed."""
    return msgspec.structs.replace(command, **changes)


def definition(*points: str) -> c.Define:
    """A complaint definition with these points, two when none is named."""
    texts = points or ("You reported mould and nobody came.", "We did not keep you informed.")
    return c.Define(
        points=tuple(Point(number=n, text=Words(text)) for n, text in enumerate(texts, 1)),
        outcomes=(Words("Mend the wall and say sorry."),),
        responsible_for=Words("Repairs to the building, and how we keep you informed."),
        not_responsible_for=Words("Nothing in this complaint lies outside our responsibility."),
    )


def redefinition(*points: str, why: str = "You told us more on the phone.", **changes: Any) -> c.Define:
    """Another definition in place of one that the resident has read, with the reason."""
    return replace_in(definition(*points), why=Words(why), **changes)


def decision(point: int = 1, finding: Finding = Finding.UPHELD, **changes: Any) -> c.Decide:
    """A finding with everything that the Code asks of one."""
    command = c.Decide(
        point=point,
        finding=finding,
        reasons=Words("Our records show that you told us and that nobody came."),
        basis=Words("Our repairs policy: routine repairs within 20 working days."),
        apology=Words("We left you waiting for a repair that was ours to make, and we are sorry."),
    )
    return replace_in(command, **changes)


def refusal(kind: type[Any], ground: str, approver: StaffRef, **changes: Any) -> Any:
    """A refusal of a complaint (NotAccept) or of stage 2 (DeclineEscalation), complete but for dates."""
    command = kind(
        ground=ground,
        reasons=Words("We looked at what you told us and at our own records of the last two years."),
        evidence=Words("Our final response of last year and the notes of the visit."),
        exceptional=Words("We asked you what is new. You told us that nothing has changed."),
        approver=approver,
    )
    return replace_in(command, **changes)


def more_time(play: Play, days: int, approver: str | None = "mark", **changes: Any) -> c.Extend:
    """A first extension that every landlord's rules allow, if the days do."""
    timer = play.policy.landlord.clocks[ClockName(f"stage_{play.state.stage_number}_response")]
    reasons = timer.extension.reasons if timer.extension else ()
    command = c.Extend(
        days=days,
        reason_code=reasons[0].id if reasons else "",
        reason=Words("We need the report of the damp survey before we can answer you."),
        so_far=Words("We have read your reports and visited your home."),
        agreement_sought=True,
        agreed=True,
        agreement_words="She said so on the phone.",
        approver=play.staff(approver) if approver else None,
    )
    return replace_in(command, **changes)


def response(play: Play, **changes: Any) -> c.Respond:
    """A response of the present stage, when every point is decided and a remedy offered."""
    second = play.state.stage_number == 2
    command = c.Respond(
        decision=Words("We agree with your complaint in the main. We will put it right."),
        steps_taken=Words("We read our records, spoke to the repairs team and visited your home."),
        apology=Words("We are sorry that you had to ask more than once."),
        nothing_outstanding=not play.state.open_commitments,
        contributors="Repairs team\nHousing team" if second else "",
        checked_by=play.staff("omar") if second else None,
    )
    return replace_in(command, **changes)


def action_remedy(by_on: date) -> c.OfferRemedy:
    """Something we will do, by a day."""
    return c.OfferRemedy(kind="action", text=Words("A surveyor will find the cause."), by_on=by_on)


# ---- specimens, each going on from the one before ----------------------------------------------------------

Specimen = Callable[[Play], Play]


def received(play: Play) -> Play:
    """Sent by the resident on Monday 1 March 2027, looked at by nobody."""
    return play.submits(complaint(helper=play.helper))


def defined(play: Play) -> Play:
    """Triaged and defined by Olive, given to Hana."""
    received(play)
    play.does("olive", c.Triage(risk=Risk.ROUTINE, note="Rang the resident and listened."))
    play.does("olive", definition())
    play.does("olive", c.Allocate(to=play.staff("hana")))
    return play


def acknowledged(play: Play) -> Play:
    """Acknowledged on the day after it came."""
    defined(play)
    play.does("olive", c.Acknowledge(), "Tue 2 Mar 2027 10:00")
    return play


def decided(play: Play) -> Play:
    """Both points decided by Hana, and an action offered."""
    acknowledged(play)
    play.does("hana", decision(1), "Mon 8 Mar 2027 10:00")
    play.does("hana", decision(2, Finding.NOT_UPHELD, apology=None))
    play.does("hana", action_remedy(day("Fri 26 Mar 2027") - timedelta(days=1)))
    return play


def answered(play: Play) -> Play:
    """Answered at stage 1 on Tuesday 9 March 2027, with one promise open."""
    decided(play)
    play.does(
        "hana",
        c.Commit(text=Words("Mend the wall."), owner=play.staff("sunita"), due_on=day("Thu 25 Mar 2027")),
    )
    play.does("hana", response(play), "Tue 9 Mar 2027 10:00")
    return play


def escalated(play: Play) -> Play:
    """Stage 2 asked for by the resident on Thursday 11 March 2027."""
    answered(play)
    play.does("resident", c.Escalate(), "Thu 11 Mar 2027 10:00")
    return play


def reviewed(play: Play) -> Play:
    """Stage 2 acknowledged, with Dora to review it."""
    escalated(play)
    play.does("olive", c.Allocate(to=play.staff("dora")))
    play.does("olive", c.Acknowledge(), "Fri 12 Mar 2027 10:00")
    return play


def finished(play: Play) -> Play:
    """The final response sent on Monday 15 March 2027."""
    reviewed(play)
    play.does("dora", decision(1), "Mon 15 Mar 2027 10:00")
    play.does("dora", decision(2, Finding.PARTLY_UPHELD))
    play.does("dora", action_remedy(day("Wed 31 Mar 2027")))
    play.does("dora", response(play))
    return play


def closed(play: Play) -> Play:
    """Closed after the final response, its learning recorded, the promise of stage 1 still open."""
    finished(play)
    play.does("omar", c.RecordLearning(theme="Keeping people informed", words="Ring when a visit is moved."))
    play.does("omar", c.Close(reason=CloseReason.FINAL_RESPONSE), "Tue 16 Mar 2027 10:00")
    return play


def refused(play: Play) -> Play:
    """Not taken on: considered before."""
    received(play)
    play.does("olive", refusal(c.NotAccept, "already_considered", play.staff("mark")))
    return play


def helped(play: Play, scope: ConsentScope, until: date | None = None, topics: str = "") -> Play:
    """Received through a helper, with the resident's word on what the helper may be told."""
    play = received(replace(play, helper=HELPER))
    play.does("resident", c.SetConsent(consent=Consent(scope=scope, until=until, topics=topics)))
    return play
