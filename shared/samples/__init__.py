"""Sample staff and cases for a first look: every stage, several languages, made by the real steps.

Each case is played at its own past instants, so that its dates, letters and history are what they would have
been; nothing is written around `submit` and `perform`.
"""

import tomllib
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from shared import clock, i18n
from shared.cases import approvals, files, rules, service
from shared.cases import commands as c
from shared.cases.colleagues import snippets
from shared.cases.state import FileRef, Need, Person, Safety, StaffRef, Story, decode
from shared.db import db, writing
from shared.deadlines.calendar import Calendar
from shared.identity import accounts, passwords
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.models import Case, StaffAccount
from shared.samples.steps import PATHS
from shared.vocab import Channel, ConsentScope, Kind, Risk, Role

PASSWORD = "sample-password"  # noqa: S105 - sample accounts exist in development only
DOMAIN = "sample.example"

STAFF: tuple[tuple[str, str, tuple[Role, ...], str], ...] = (
    ("olive", "Olive Grant", (Role.OFFICER,), "Customer Resolutions Officer"),
    ("omar", "Omar Haddad", (Role.OFFICER,), "Customer Resolutions Officer"),
    ("hana", "Hana Novak", (Role.HANDLER,), "Repairs Complaint Handler"),
    ("hugh", "Hugh Bell", (Role.HANDLER,), "Housing Complaint Handler"),
    ("sunita", "Sunita Rao", (Role.SERVICE_MANAGER,), "Repairs Service Manager"),
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
    table = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
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
    add_texts(people["mark"])
    return len(SAMPLES), shown


def add_texts(manager: Staff) -> None:
    """A handful of texts to start from."""
    table = tomllib.loads((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8"))
    for one in table["text"]:
        snippets.keep(manager, one["title"], one["text"].strip(), one["actions"], one["stages"])


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

    def agreed(self, who: str, other: str, command: c.Command) -> None:
        """One step that somebody else has to say yes to first: asked, answered, taken."""
        row = db.session.scalar(select(Case.state).where(Case.ref == self.ref)) or ""
        covers = approvals.covered(decode(row), command)
        ask = c.AskCheck(of=self.staff_ref(other), about=command.action, exactly=covers)
        self.does(who, ask)
        self.does(other, c.Check(about=command.action, fine=True))
        self.does(who, command)

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
