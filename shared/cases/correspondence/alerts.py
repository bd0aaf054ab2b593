"""What colleagues hear by e-mail because time passes: what is soon due, what is overdue, and the day's work.

Only on the landlord's working days and hours, each thing once to each person, whatever number of workers runs
and whenever one dies: every message stands in the outbox under its reason, which is unique. Mails carry the
reference and the date, and nothing about a resident.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import or_, select

from shared import clock, config
from shared.cases import case_clocks, rules, sweep
from shared.cases.addresses import case_page
from shared.cases.correspondence import held_mail
from shared.cases.inbox import lists
from shared.cases.state import CaseState, decode
from shared.db import db, writing
from shared.deadlines.calendar import Calendar, OutsideCalendar
from shared.identity import accounts, standins
from shared.identity.roles import Permission, may
from shared.mail import outbox, templates
from shared.models import Case, CaseTask, CaseWall, OutboxMessage, StaffAccount
from shared.policy.landlord import Alerts
from shared.policy.load import load
from shared.vocab import Role

NOON = time(12)
MOST_LINES = 40  # of one part of a digest; the inbox has the rest


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is due on a case. `late`: working days since; negative before the day, 0 on it."""

    name: str
    due_on: date
    late: int
    owner_id: int | None = None  # whose promise it is

    @property
    def words(self) -> str:
        """The thing in words for staff."""
        return self.name.replace("_", " ")


def tell(landlord: str) -> int:
    """Send what is to be sent at this moment. Returns how many messages were queued; the worker calls this."""
    alerts = load(landlord).landlord.alerts
    now = clock.now().astimezone(clock.LONDON)
    calendar = rules.calendar(db.session())
    if alerts is None or not is_open(now, alerts.digest_at, alerts.closes, calendar):
        return 0
    staff = _Staff()
    queued = 0
    if now.time() < NOON:
        queued += sum(_digest(person, staff, calendar, alerts) for person in staff.present())
    if now.time() >= alerts.opens:
        for row in _near(alerts, calendar, now.date()):
            queued += sweep.apart(row.ref, partial(_about, row, staff, calendar, alerts))
    return queued


def is_open(now: datetime, opens: time, closes: time, calendar: Calendar) -> bool:
    """Whether a London moment lies in working hours. Beyond the known bank holidays Monday to Friday count."""
    if not opens <= now.time() < closes:
        return False
    try:
        return calendar.is_working(now.date())
    except OutsideCalendar:
        return now.weekday() < 5


class _Staff:
    """Who works here today, and who is told in whose place."""

    def __init__(self) -> None:
        session = db.session()
        query = select(StaffAccount).where(StaffAccount.active).order_by(StaffAccount.id)
        self.by_id = {account.id: account for account in session.scalars(query)}
        self.away = {number: one.to_id for number, one in standins.away(session).items()}
        self.walls: dict[int, set[int]] = {}
        for case_id, staff_id in session.execute(select(CaseWall.case_id, CaseWall.staff_id)):
            self.walls.setdefault(case_id, set()).add(staff_id)

    def present(self) -> list[StaffAccount]:
        """Everybody with an inbox who is not away."""
        able = (a for a in self.by_id.values() if may(a.role_set, Permission.SEES_INBOX))
        return [a for a in able if a.id not in self.away]

    def reached(self, wanted: Iterable[int], case_id: int) -> list[StaffAccount]:
        """These people, and whoever stands in for those who are away; nobody who left or is walled off."""
        numbers = set(wanted)
        numbers |= {self.away[number] for number in numbers if number in self.away}
        numbers -= self.walls.get(case_id, set())
        return [self.by_id[number] for number in sorted(numbers) if number in self.by_id]

    def holding(self, role: Role, holder: int | None) -> set[int]:
        """Who has a role: of the holder's own team where somebody there has it, or else everybody."""
        all_of_them = [a for a in self.by_id.values() if role in a.role_set]
        team = self.by_id[holder].team if holder in self.by_id else ""
        own = [a for a in all_of_them if team and a.team == team and a.id != holder]
        return {a.id for a in (own or all_of_them)}


def _near(alerts: Alerts, calendar: Calendar, today: date) -> Iterator[Case]:
    horizon = _plus(calendar, today, alerts.warn_days)
    return iter(sweep.cases(or_(Case.next_due_on <= horizon, Case.next_promise_on <= horizon)))


def _plus(calendar: Calendar, day: date, count: int) -> date:
    try:
        return calendar.add_working_days(day, count)
    except OutsideCalendar:
        return day + timedelta(days=count)


def items(state: CaseState, owed: Iterable[case_clocks.Duty], today: date, calendar: Calendar) -> list[Item]:
    """Everything that is due on a case, promises too, with how late it is."""
    found = [Item(duty.name.value, duty.due_on, _late(today, duty.due_on, calendar)) for duty in owed]
    for promise in state.open_commitments:
        late = _late(today, promise.due_on, calendar)
        found.append(Item(f"promise_{promise.number}", promise.due_on, late, promise.owner_id))
    return found


def _late(today: date, due_on: date, calendar: Calendar) -> int:
    try:
        if due_on >= today:
            return -calendar.working_days_between(today, due_on)
        return max(1, calendar.working_days_between(due_on, today))
    except OutsideCalendar:
        return (today - due_on).days


def _about(row: Case, staff: _Staff, calendar: Calendar, alerts: Alerts) -> int:
    """Warnings and news of breaches on one case."""
    state = decode(row.state)
    owed = case_clocks.duties(state, case_clocks.clocks(state, rules.policy_of(db.session(), row), calendar))
    holder = state.holder.id if state.holder else None
    letters: list[tuple[str, StaffAccount, str, str]] = []
    for item in items(state, owed, clock.today(), calendar):
        day = f"{item.due_on:%A} {item.due_on.day} {item.due_on:%B %Y}"
        own = {number for number in (holder, item.owner_id) if number is not None}
        if holder not in staff.by_id:  # nobody has it yet, or who had it has left: those who name a handler
            own |= staff.holding(Role.OFFICER, None)
        if item.late >= 1:
            for rung in alerts.ladder:
                own |= staff.holding(rung.role, holder) if item.late >= rung.after else set()
            subject, line = f"{item.words} is overdue", f"The {item.words} was due on {day}."
            kind = "late"
        elif item.late >= -alerts.warn_days:
            subject, line = f"{item.words} is due soon", f"The {item.words} is due on {day}."
            kind = "soon"
        else:
            continue
        for person in staff.reached(own, row.id):
            key = f"{kind}:{row.ref}:{item.name}:{item.due_on}:{person.id}"
            letters.append((key, person, f"{row.ref}: {subject}", line))
    return _queue(letters, row)


def _queue(letters: list[tuple[str, StaffAccount, str, str]], row: Case) -> int:
    known = _known(key for key, *_ in letters)
    fresh = [one for one in letters if one[0] not in known]
    if not fresh:
        return 0
    with writing() as session:
        for key, person, subject, line in fresh:
            words = templates.to_colleague(subject, f"{line}\n\n{case_page(row.ref)}\n")
            outbox.queue_words(session, words, to=person.email, dedupe=key, case_id=row.id)
    return len(fresh)


def _known(keys: Iterable[str]) -> set[str]:
    return set(db.session.scalars(select(OutboxMessage.dedupe).where(OutboxMessage.dedupe.in_(list(keys)))))


def _digest(person: StaffAccount, staff: _Staff, calendar: Calendar, alerts: Alerts) -> int:
    """One person's morning: their own work, and that of whoever they stand in for. Nothing to do, no mail."""
    key = f"digest:{clock.today()}:{person.id}"
    if _known([key]):
        return 0
    others = [number for number, stand_in in staff.away.items() if stand_in == person.id]
    parts = []
    for number in (person.id, *others):
        lines = list(_work(number, person.id, staff, calendar, alerts))
        if lines:
            absent = staff.by_id.get(number)
            heading = (
                "Your work" if number == person.id else f"For {absent.name if absent else 'a colleague'}"
            )
            parts.append("\n".join([heading, *lines]))
    parts += _mail_to_place(person)
    if not parts:
        return 0
    inbox = f"{config.current().base_url}/staff/"
    words = templates.to_colleague("Your complaints work today", "\n\n".join([*parts, inbox]) + "\n")
    with writing() as session:
        outbox.queue_words(session, words, to=person.email, dedupe=key)
    return 1


def _mail_to_place(person: StaffAccount) -> list[str]:
    """E-mails that nobody has put on a case: each may be a complaint, whose clock runs from the day it came."""
    if not may(person.role_set, Permission.PLACES_MAIL):
        return []
    number, since = held_mail.queue(accounts.as_actor(person))
    if since is None:
        return []
    day = clock.london_date(since)
    return [f"Mail to place: {number}, the oldest since {day:%A} {day.day} {day:%B}"]


def _work(number: int, reader: int, staff: _Staff, calendar: Calendar, alerts: Alerts) -> Iterator[str]:
    session, today = db.session(), clock.today()
    walled = select(CaseWall.case_id).where(CaseWall.staff_id == reader)
    horizon = _plus(calendar, today, alerts.warn_days)
    mine = (Case.holder_id == number, Case.is_open.is_(True), Case.id.not_in(walled))
    soon = select(Case.ref, Case.sort_on, Case.unread).where(*mine, or_(Case.sort_on <= horizon, Case.unread))
    for ref, due_on, unread in session.execute(soon.order_by(Case.sort_on, Case.id).limit(MOST_LINES)):
        if due_on <= horizon:
            when = "overdue since" if due_on < today else "due today," if due_on == today else "due on"
            new = ". The resident has written" if unread else ""
            yield f"{ref}: {when} {due_on:%A} {due_on.day} {due_on:%B}{new}"
        else:
            yield f"{ref}: the resident has written"
    tasks = (
        select(Case.ref, CaseTask.due_on)
        .join(Case, Case.id == CaseTask.case_id)
        .where(CaseTask.owner_id == number, CaseTask.done_on.is_(None), CaseTask.due_on <= horizon)
        .where(Case.id.not_in(walled))
        .order_by(CaseTask.due_on, Case.id)
        .limit(MOST_LINES)
    )
    for ref, due_on in session.execute(tasks):
        yield f"{ref}: a task, {'overdue since' if due_on < today else 'by'} {due_on:%A} {due_on.day} {due_on:%B}"
    count = session.scalars(select(Case.id).where(*mine).limit(lists.COUNT_CAP + 1)).all()
    if count:
        yield f"Open cases: {len(count) if len(count) <= lists.COUNT_CAP else f'more than {lists.COUNT_CAP}'}"
