"""Sample staff and cases for a first look: every stage, several languages, made by the real steps.

Each case is played at its own past instants, so that its dates, letters and history are what they would have
been; nothing is written around `submit` and `perform`.
"""

import tomllib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from shared import clock, i18n
from shared.cases import commands as c
from shared.cases import files, rules, service
from shared.cases.state import FileRef, Need, Person, Point, Safety, StaffRef, Story
from shared.db import db, writing
from shared.deadlines.calendar import Calendar
from shared.identity import accounts, passwords
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.letters.facts import Words
from shared.models import Case, StaffAccount
from shared.vocab import Channel, CloseReason, ConsentScope, Finding, Kind, Risk, Role

PASSWORD = "sample-password"  # noqa: S105 - sample accounts exist in development only
DOMAIN = "sample.example"

STAFF: tuple[tuple[str, str, tuple[Role, ...], str], ...] = (
    ("olive", "Olive Grant", (Role.OFFICER,), "Customer Resolutions Officer"),
    ("omar", "Omar Haddad", (Role.OFFICER,), "Customer Resolutions Officer"),
    ("hana", "Hana Novak", (Role.HANDLER,), "Repairs Complaint Handler"),
    ("hugh", "Hugh Bell", (Role.HANDLER,), "Housing Complaint Handler"),
    ("sunita", "Sunita Rao", (Role.SERVICE_MANAGER, Role.HANDLER), "Repairs Service Manager"),
    ("mark", "Mark Osei", (Role.MANAGER,), "Customer Services Manager"),
    ("moira", "Moira Kent", (Role.MANAGER,), "Business Manager"),
    ("dora", "Dora Lane", (Role.DIRECTOR,), "Director of Customer Experience"),
    ("colin", "Colin Reed", (Role.COLLEAGUE,), "Caretaker"),
    ("mira", "Mira Shah", (Role.MEMBER_RESPONSIBLE,), "Member Responsible for Complaints"),
    ("ada", "Ada Admin", (Role.ADMIN,), "Systems Administrator"),
)


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sample case: who, what, and how far it has come since so many working days ago."""

    name: str
    home: tuple[str, str, str]  # street, town, postcode
    language: str
    story: str
    wanted: str
    path: str  # a name in PATHS
    days_ago: int
    needs: tuple[str, ...] = ()
    kind: Kind = Kind.COMPLAINT
    channel: Channel = Channel.PORTAL
    helper: str = ""
    risk: Risk = Risk.ROUTINE
    photo: bool = False


def _read() -> tuple[Sample, ...]:
    table = tomllib.loads((Path(__file__).parent / "samples.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table["sample"], tuple[Sample, ...])


SAMPLES = _read()


def exist() -> bool:
    """Whether this database already holds sample staff."""
    query = select(func.count()).select_from(StaffAccount).where(StaffAccount.email.endswith(f"@{DOMAIN}"))
    return bool(db.session.scalar(query))


def sign_ins() -> list[tuple[str, str]]:
    """The sample sign-ins as (job title, e-mail address); the password is PASSWORD for all."""
    return [(job, f"{short}@{DOMAIN}") for short, _name, _roles, job in STAFF]


def make(landlord: str, cost: str = "normal") -> tuple[int, list[tuple[str, str, str]]]:
    """Add the sample staff and cases. Returns their number and (name, reference, code) of residents."""
    people = add_staff(cost)
    shown = []
    for sample in SAMPLES:
        play = Play(sample, people, landlord)
        play.run()
        if play.code:
            shown.append((sample.name, play.ref, play.code))
    return len(SAMPLES), shown


def add_staff(cost: str) -> dict[str, Staff]:
    """The sample staff by their short names; each may sign in with PASSWORD."""
    with writing() as session:
        hashed = passwords.hash_password(PASSWORD, cost)
        for short, name, roles, job in STAFF:
            account = accounts.add(session, name=name, email=f"{short}@{DOMAIN}", roles=roles, job_title=job)
            account.password_hash = hashed
    rows = db.session.scalars(select(StaffAccount)).all()
    return {
        a.email.partition("@")[0]: Staff(a.id, a.name, a.email, a.role_set, a.job_title)
        for a in rows
        if a.email.endswith(DOMAIN)
    }


class Play:
    """One sample case, played step by step through the service at its own instants."""

    def __init__(self, sample: Sample, people: dict[str, Staff], landlord: str) -> None:
        self.sample, self.people, self.landlord = sample, people, landlord
        self.calendar: Calendar = rules.calendar(db.session())
        self.day = _working_days_before(clock.today(), sample.days_ago, self.calendar)
        self.hour = 9
        self.ref, self.code = "", ""
        self.handler = "hana" if len(sample.name) % 2 else "hugh"

    def run(self) -> None:
        """From the first word as far as the sample's path goes."""
        with clock.pretend(self.now()):
            self._submit()
        for step in PATHS[self.sample.path]:
            step(self)

    def later(self, days: int) -> None:
        """Move on by working days, never beyond today."""
        self.day = min(self.calendar.add_working_days(self.day, days), clock.today()) if days else self.day
        self.hour = min(self.hour + 1, 16)

    def does(self, who: str, command: c.Command) -> None:
        """One step by a member of staff, or by the resident."""
        actor: Actor = Resident(self.ref, self.sample.name) if who == "resident" else self.people[who]
        self.hour = min(self.hour + 1, 17)
        with clock.pretend(self.now()):
            version = db.session.scalar(select(Case.version).where(Case.ref == self.ref))
            service.perform(self.ref, command, actor, version)

    def staff_ref(self, who: str) -> StaffRef:
        """How a command names a colleague."""
        person = self.people[who]
        return StaffRef(id=person.id, name=person.name, job=person.job_title, email=person.email)

    def now(self) -> datetime:
        """The instant of the next step; never later than a minute ago."""
        moment = datetime.combine(self.day, time(self.hour, 15), clock.LONDON)
        return min(moment, clock.now() - timedelta(minutes=1))

    def _submit(self) -> None:
        s = self.sample
        street, town, postcode = s.home
        mailbox = s.name.lower().replace(" ", ".")
        person = Person(
            name=s.name,
            email=f"{mailbox}@{DOMAIN}",
            phone="07700 900982",
            address=(street, town),
            postcode=postcode,
            relationship="tenant",
        )
        helper = (
            Person(name=s.helper, email=f"helper.{mailbox}@{DOMAIN}", relationship="family")
            if s.helper
            else None
        )
        command = c.Submit(
            kind=s.kind,
            language=_known_language(s.language),
            channel=s.channel,
            story=Story(what=s.story, wanted=s.wanted, language=_known_language(s.language)),
            resident=person,
            helper=helper,
            needs=tuple(Need(code=code) for code in s.needs),
            safety=Safety(times="After 4 pm") if "set_times" in s.needs else Safety(),
            files=self._photo() if s.photo else (),
        )
        actor: Actor = Resident("", s.name)
        if s.channel is not Channel.PORTAL:
            actor = self.people["olive"]
        elif s.helper:
            actor = Representative("", s.helper, ConsentScope.NONE)
        done = service.submit(command, actor, self.landlord)
        self.ref = done.ref
        self.code = done.codes.get(f"resident:{done.ref}", "")

    def _photo(self) -> tuple[FileRef, ...]:
        image = Image.new("RGB", (1600, 1200), "#d9d2c5")
        draw = ImageDraw.Draw(image)
        for n in range(60):
            x, y = (n * 397) % 1500, (n * 211) % 1100
            draw.ellipse((x, y, x + 30 + n % 50, y + 24 + n % 40), fill="#3f4a3c")
        raw = BytesIO()
        image.save(raw, "JPEG", quality=70)
        raw.seek(0)
        return (files.add(raw, "bedroom wall.jpg", added_by=self.sample.name),)


def _known_language(code: str) -> str:
    return code if code in {known.code for known in i18n.languages()} else "en"


def _working_days_before(today: date, count: int, calendar: Calendar) -> date:
    day = today
    while count > 0 or not calendar.is_working(day):
        day -= timedelta(days=1)
        if calendar.is_working(day):
            count -= 1
    return day


# ---- the steps, in the words of the procedure --------------------------------------------------------

Step = Callable[[Play], None]


def triage(play: Play) -> None:
    play.does("olive", c.Triage(risk=play.sample.risk, note="Rang the resident and listened."))


def define(play: Play) -> None:
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


def acknowledge(play: Play) -> None:
    play.later(1)
    play.does("olive", c.Acknowledge())


def contact(play: Play) -> None:
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


def extend(play: Play) -> None:
    play.later(3)
    rule = rules.current_policy(db.session(), play.landlord).landlord.clocks
    reasons = [r.id for timer in rule.values() if timer.extension for r in timer.extension.reasons]
    play.does(
        play.handler,
        c.Extend(
            days=5,
            reason_code=reasons[0] if reasons else "",
            reason=Words("We need the report of the damp survey before we can answer you."),
            so_far=Words("We have read your reports and visited your home."),
            agreement_sought=True,
            agreed=True,
            approver=play.staff_ref("mark"),
        ),
    )


def decide(play: Play) -> None:
    play.later(2)
    _decide(play, play.handler)


def _decide(play: Play, who: str) -> None:
    play.does(
        who,
        c.Decide(
            point=1,
            finding=Finding.UPHELD,
            reasons=Words("Our records show that you reported this and that nobody came."),
            basis=Words("Our repairs policy: routine repairs within 20 working days."),
            apology=Words("We left you waiting for a repair that was ours to make."),
        ),
    )
    play.does(
        who,
        c.Decide(
            point=2,
            finding=Finding.PARTLY_UPHELD,
            reasons=Words("We sent one text message, but we did not ring when the visit was moved."),
            basis=Words("Our customer care standards: we ring on the day a visit is moved."),
            apology=Words("We did not tell you that the visit was moved."),
        ),
    )


def answer(play: Play) -> None:
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


def keep_promise(play: Play) -> None:
    play.later(3)
    play.does(
        "sunita",
        c.CompleteCommitment(number=1, completed_on=play.day, proof="Repaired; checked on the visit."),
    )


def confirm(play: Play) -> None:
    play.does("resident", c.ConfirmCommitment(number=1, done=True))


def deny(play: Play) -> None:
    play.does("resident", c.ConfirmCommitment(number=1, done=False, words="It still leaks when it rains."))


def escalate(play: Play) -> None:
    play.later(2)
    play.does("resident", c.Escalate())


def acknowledge_2(play: Play) -> None:
    play.later(1)
    play.does("olive", c.Allocate(to=play.staff_ref(_reviewer(play))))
    play.does("olive", c.Acknowledge())


def contact_2(play: Play) -> None:
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


def _reviewer(play: Play) -> str:
    return "moira" if play.handler == "hana" else "dora"


def answer_2(play: Play) -> None:
    play.later(6)
    who = _reviewer(play)
    _decide(play, who)
    by_on = play.calendar.add_working_days(play.day, 10)
    play.does(who, c.OfferRemedy(kind="action", text=Words("A surveyor will find the cause."), by_on=by_on))
    play.does(
        who,
        c.Respond(
            decision=Words("We uphold your complaint. Our first answer did not go far enough."),
            steps_taken=Words("Somebody new read everything, spoke to you and inspected your home."),
            apology=Words("We are sorry that we did not put this right the first time."),
            contributors="Repairs team\nHousing team",
            checked_by=play.staff_ref("omar"),
        ),
    )


def learn_and_close(play: Play) -> None:
    play.later(2)
    play.does(
        "omar",
        c.RecordLearning(theme="Keeping people informed", words="Ring on the day when a visit is moved."),
    )
    play.does("omar", c.Close(reason=CloseReason.FINAL_RESPONSE))


def refuse(play: Play) -> None:
    policy = rules.current_policy(db.session(), play.landlord)
    ground = next(g for g in policy.landlord.exclusions if g.code_ground == "already_considered" and g.usable)
    play.does(
        "olive",
        c.NotAccept(
            ground=ground.id,
            reasons=Words("We answered the same complaint at both stages last year."),
            evidence=Words("Our final response of last year."),
            exceptional=Words("We asked whether anything is new. You told us that nothing has changed."),
            approver=play.staff_ref("mark"),
        ),
    )


def withdraw(play: Play) -> None:
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
