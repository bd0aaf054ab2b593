"""One complaint that reached us twice becomes one case, and a merge can be used for nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from shared import clock
from shared.cases import commands as c
from shared.cases import figures, guards, queries, service
from shared.cases.access import people
from shared.cases.access.codes import issue_new_code
from shared.cases.guards.common import Beside, Env
from shared.cases.guards.merge import NOT_THERE
from shared.cases.inbox import finding, lists
from shared.cases.service import NoSuchCase, NotAllowed, Refused
from shared.cases.state import CaseState, Consent, Need, Person, Safety, Story, decode
from shared.cli.check import drift
from shared.db import db
from shared.identity.actors import Representative, Resident, Staff
from shared.letters.facts import Words
from shared.models import Case, CaseEvent, Letter, StaffAccount
from shared.vocab import Action, Channel, ConsentScope, Kind, Risk, Role
from tests.support import staff as made
from tests.support.client import Client
from tests.support.desk import Desk, Life, desk_of
from tests.support.portal import sign_in as resident_signs_in

HELPER = Person(name="Noor Khan", email="noor@helper.example", relationship="friend")


class Two:
    """The same complaint twice, a minute apart, and an officer."""

    def __init__(self, **later: Any) -> None:
        self.officer = made.colleague(Role.OFFICER, name="Olive Moss")
        self.olive = made.actor(self.officer)
        self.now = clock.now()
        with clock.pretend(self.now - timedelta(minutes=2)):
            self.first = made.complaint()
        with clock.pretend(self.now - timedelta(minutes=1)):
            self.second = made.complaint(**{"what": "Mould again, I sent this before", **later})

    def merge(self, ref: str = "", into: str = "", by: Staff | None = None, **more: Any) -> None:
        with clock.pretend(self.now):
            command = c.Merge(into=into or self.first, why="Sent twice", **more)
            service.perform(ref or self.second, command, by or self.olive)
        db.session.expire_all()

    def unmerge(self, by: Staff | None = None) -> None:
        service.perform(self.second, c.Unmerge(why="Two different rooms"), by or self.olive)
        db.session.expire_all()

    def does(self, ref: str, *commands: c.Command) -> None:
        with clock.pretend(self.now):
            for command in commands:
                service.perform(ref, command, self.olive)
        db.session.expire_all()

    def refused(self, message: str, **more: Any) -> None:
        """The merge is refused with these words, and nothing is written on either case."""
        before = db.session.query(CaseEvent).count()
        with pytest.raises(Refused) as refusal:
            self.merge(**more)
        assert message in str(refusal.value)
        assert db.session.query(CaseEvent).count() == before


def state(ref: str) -> CaseState:
    db.session.expire_all()
    return decode(db.session.query(Case).filter_by(ref=ref).one().state)


def row(ref: str) -> Case:
    db.session.expire_all()
    return db.session.query(Case).filter_by(ref=ref).one()


@pytest.fixture
def two(app: Flask) -> Two:
    return Two()


def test_a_letter_that_still_waits_hides_no_letter_of_the_case_that_came_in(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each case numbers its events for itself: the older letter of a busy case has the higher number."""
    update, hers = c.UpdateResident(message=Words("We look.")), Resident(two.first, "Mina Rahman")
    two.does(two.second, *(c.Note(text=f"Call {n}") for n in range(5)), update)
    two.merge()
    before = queries.case(two.first, hers).letters
    assert two.second in {one.of for one in before}
    waiting = replace(current_app.extensions["redress"], undo_seconds=30)
    monkeypatch.setitem(current_app.extensions, "redress", waiting)
    two.does(two.first, update)
    assert queries.case(two.first, hers).letters == before
    assert queries.letter(two.first, before[-1].id, hers).id == before[-1].id


# ---- what it does -------------------------------------------------------------------------------------------


def test_the_later_case_leaves_every_list_and_the_earlier_keeps_its_dates(two: Two) -> None:
    clocks = row(two.first).clocks
    two.merge()
    assert row(two.first).clocks == clocks
    gone = row(two.second)
    assert (gone.clocks, gone.is_open, gone.merged_into) == ([], False, two.first)
    for tab in lists.TABS:
        assert two.second not in {one.ref for one in lists.inbox(two.olive, tab).rows}, tab
    counts = lists.counts(two.olive)
    assert (counts["to-triage"], counts["to-acknowledge"], counts["unassigned"]) == (1, 1, 1)
    assert sum(number for _, number in figures.received_by_week()) == 1
    assert {one.row.merged_into for one in finding.find(two.olive, two.second).hits} == {two.first}
    log = [(e.case_id, e.action) for e in db.session.query(CaseEvent).filter_by(action="merge")]
    assert sorted(log) == [(row(two.first).id, "merge"), (row(two.second).id, "merge")]


def test_the_earlier_case_shows_both_histories_letters_and_files(two: Two) -> None:
    two.merge()
    view = queries.case(two.first, two.olive)
    assert [one.of for one in view.letters] == ["", two.second]
    (part,) = view.merged
    assert part.how.ref == two.second
    assert "Mould again" in part.story
    assert [e.command.action for e in part.events] == [Action.SUBMIT, Action.MERGE]
    theirs = next(one for one in view.letters if one.of)
    assert queries.letter(two.first, theirs.id, two.olive).id == theirs.id


def test_it_goes_back_as_if_nothing_had_been_and_its_clocks_never_stopped(two: Two) -> None:
    before, before_first = row(two.second).clocks, state(two.first)
    two.merge()
    with clock.pretend(clock.now() + timedelta(days=20)):
        two.unmerge()
        back = row(two.second)
        assert back.clocks == before
        assert (back.is_open, back.merged_into, back.to_triage) == (True, None, True)
        assert two.second in {one.ref for one in lists.inbox(two.olive, "overdue").rows}
    after = state(two.first)
    assert (after.merged, after.conflicts) == (before_first.merged, before_first.conflicts)
    two.merge()
    assert row(two.second).merged_into == two.first


def test_folding_the_logs_gives_the_same_cases(two: Two, app: Flask) -> None:
    two.merge()
    two.unmerge()
    two.merge()
    assert list(drift()) == []


def test_pages(two: Two, app: Flask) -> None:
    desk = desk_of(app, two.officer, two.second)
    page = desk.see()
    assert "It may have reached us before" in page.main
    similar = desk.see("?tab=similar")
    form = desk.client.page(similar.link("Merge this case into"))
    assert form.one("input[name=into]")["value"] == two.first
    empty = desk.press(form, {"why": " "}, status=422)
    assert "Write how you know that both are one complaint" in " ".join(empty.errors)
    desk.do("merge", {"why": "Sent twice"}, f"?into={two.first}")
    gone = desk.see()
    assert "This case was merged into" in gone.main
    assert two.first in gone.main
    stays = desk.client.page(f"/staff/cases/{two.first}")
    assert f"History of {two.second}" in stays.main
    assert "Written on" in desk.client.page(f"/staff/cases/{two.first}?tab=letters").main
    other = Desk(desk.client, two.officer, two.first)
    other.do("unmerge", {"why": "Two different rooms"})
    assert row(two.second).merged_into is None


# ---- the law: no clock stops ------------------------------------------------------------------------------


def test_the_earlier_never_goes_into_the_later(two: Two) -> None:
    two.refused("came later", ref=two.first, into=two.second)


def test_one_logged_late_but_received_earlier_is_the_earlier(app: Flask) -> None:
    two = Two(received_at=clock.now() - timedelta(days=8))
    two.refused("came later")
    two.merge(two.first, two.second)
    assert row(two.first).merged_into == two.second


def test_only_the_later_case_begins_it(two: Two) -> None:
    with pytest.raises(Refused, match="Begin at the later case"):
        service.perform(two.first, c.Merge(takes=two.second, why="x"), two.olive)
    two.merge()
    with pytest.raises(Refused, match="Begin at the"):
        service.perform(two.first, c.Unmerge(gives=two.second, why="x"), two.olive)


def life_of(two: Two, ref: str) -> Life:
    handler = made.colleague(Role.HANDLER, name=f"Handler of {ref}")
    return Life(ref, two.officer, handler)


def test_not_into_a_case_that_has_had_its_answer(two: Two) -> None:
    life_of(two, two.first).answered()
    two.refused("has had its answer")


def test_not_when_both_were_acknowledged(two: Two) -> None:
    for ref in (two.first, two.second):
        life_of(two, ref).at_stage_1()
    two.refused("Both have been acknowledged")


def test_not_into_a_case_with_a_later_date(two: Two) -> None:
    due = clock.today() + timedelta(days=14)
    merge = c.Merge(into=two.first, why="Sent twice")
    for theirs, fits in ((due, True), (due + timedelta(days=1), False), (None, False)):
        beside = Beside(state(two.first), theirs)
        env = Env(
            queries.case(two.first, two.olive).policy,
            clock.now(),
            staff=lambda number: None,
            response_due_on=due,
            beside=lambda ref, it=beside: it,  # type: ignore[misc]
        )
        found = guards.problems(state(two.second), merge, two.olive, env)
        assert (not found) is fits, (theirs, found)


def test_not_into_a_service_request(app: Flask) -> None:
    two = Two()
    two.does(
        two.first, c.Triage(kind=Kind.SERVICE_REQUEST, risk=Risk.ROUTINE, note="She agreed on the phone")
    )
    two.refused("One is a complaint and the other is not")


def test_no_chains(two: Two) -> None:
    with clock.pretend(two.now):
        third = made.complaint()
    two.merge()
    two.refused("was merged itself", ref=third, into=two.second)
    two.merge(ref=third)
    with clock.pretend(two.now):
        fourth = made.complaint(received_at=clock.now() - timedelta(days=9))
    two.refused("Take that merge back first", ref=two.first, into=fourth)


def test_nothing_that_was_promised_needed_or_dangerous_is_lost(two: Two) -> None:
    promise = c.Commit(
        text=Words("Fan"), owner=made.ref_of(two.officer), due_on=clock.today() + timedelta(days=9)
    )
    two.does(two.second, promise)
    two.refused("Something was promised")
    two.does(two.second, c.CompleteCommitment(number=1, completed_on=clock.today(), proof="Seen"))
    two.does(two.second, c.ChangeNeeds(needs=(Need(code="large_print"),)))
    two.refused("what the resident needs")
    two.does(two.first, c.ChangeNeeds(needs=(Need(code="large_print"),)))
    resident = state(two.second).resident
    assert resident is not None
    two.does(two.second, c.ChangeContact(resident=resident, safety=Safety(no_post=True)))
    two.refused("finds safe")
    two.does(two.first, c.ChangeContact(resident=resident, safety=Safety(no_post=True)))
    two.does(two.second, c.Triage(risk=Risk.DANGER))
    two.refused("more urgent")
    two.does(two.first, c.Triage(risk=Risk.DANGER))
    two.merge()


def test_another_resident_or_home_needs_a_reason(app: Flask) -> None:
    for other in ({"name": "Jan Nowak"}, {"postcode": "WA8 9ZZ"}, {"helper": HELPER}):
        two = Two.__new__(Two)
        two.officer = made.colleague(Role.OFFICER, name=f"Officer {len(str(other))} {next(iter(other))}")
        two.olive = made.actor(two.officer)
        two.now = clock.now() + timedelta(minutes=2)
        two.first = made.complaint()
        with clock.pretend(clock.now() + timedelta(minutes=1)):
            two.second = made.complaint(**other)  # type: ignore[arg-type]
        two.refused("not the same")
        two.merge(differs="Wife of the first")
        assert row(two.second).merged_into == two.first


# ---- who may, and the wall --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role",
    [Role.COLLEAGUE, Role.HANDLER, Role.SERVICE_MANAGER, Role.DIRECTOR, Role.MEMBER_RESPONSIBLE, Role.ADMIN],
)
def test_nobody_else_merges(two: Two, role: Role) -> None:
    other = made.actor(made.colleague(role))
    with pytest.raises((NotAllowed, NoSuchCase)):
        two.merge(by=other)
    two.merge()
    with pytest.raises((NotAllowed, NoSuchCase)):
        two.unmerge(by=other)
    assert row(two.second).merged_into == two.first


def test_a_merge_shows_nothing_of_a_case_behind_a_wall(two: Two) -> None:
    """Whoever may not see the earlier case learns not even that it is there, and cannot merge into it."""
    boss = made.actor(made.colleague(Role.MANAGER))
    service.perform(two.first, c.DeclareConflict(staff=made.ref_of(two.officer), reason="Her aunt"), boss)
    two.refused(NOT_THERE)
    two.refused(NOT_THERE, into="HAL-2099-0001-1")


def walled(two: Two, ref: str, who: StaffAccount, by: Staff) -> None:
    service.perform(ref, c.DeclareConflict(staff=made.ref_of(who), reason="My aunt"), by)


def test_walls_of_both_cases_are_walls_of_both_and_go_with_the_merge(two: Two) -> None:
    nora, paul = (made.colleague(Role.OFFICER, name=name) for name in ("Nora Field", "Paul Hill"))
    walled(two, two.first, nora, two.olive)
    walled(two, two.second, paul, two.olive)
    two.merge()
    for who in (nora, paul):
        me = made.actor(who)
        for ref in (two.first, two.second):
            with pytest.raises(NoSuchCase):
                queries.case(ref, me)
            assert finding.find(me, ref).hits == ()
            with pytest.raises(NoSuchCase):
                service.perform(ref, c.Unmerge(why="x"), me)
        assert finding.find(me, "mould").hits == ()
    two.unmerge()
    assert state(two.first).conflicts == {nora.id}
    assert state(two.second).conflicts == {paul.id}
    assert queries.case(two.second, made.actor(nora)).ref == two.second


def test_a_wall_that_comes_later_stands_around_both_and_stays(two: Two) -> None:
    two.merge()
    nora = made.colleague(Role.OFFICER, name="Nora Field")
    walled(two, two.first, nora, two.olive)
    for ref in (two.first, two.second):
        with pytest.raises(NoSuchCase):
            queries.case(ref, made.actor(nora))
    two.unmerge()
    assert nora.id in state(two.first).conflicts
    assert nora.id in state(two.second).conflicts


def test_the_holder_of_the_earlier_case_must_be_allowed_to_see_the_later(two: Two) -> None:
    handler = made.colleague(Role.HANDLER)
    made.allocate(two.first, handler, two.officer)
    walled(two, two.second, handler, two.olive)
    two.refused("Name another handler first")


def test_a_hand_in_stage_1_of_either_is_a_hand_in_both(two: Two) -> None:
    mark = made.colleague(Role.MANAGER)
    service.perform(two.second, c.Note(text="Rang her"), made.actor(mark))
    two.merge()
    assert mark.id in state(two.first).acted_stage_1
    two.unmerge()
    assert mark.id in state(two.first).acted_stage_1


# ---- on a case that was merged ------------------------------------------------------------------------------


def test_nothing_runs_on_it_and_people_can_still_be_heard(two: Two) -> None:
    two.merge()
    with pytest.raises(NotAllowed):
        service.perform(two.second, c.Triage(risk=Risk.ROUTINE), two.olive)
    with pytest.raises(NotAllowed):
        service.perform(two.second, c.Withdraw(reason="x"), two.olive)
    service.perform(two.second, c.Note(text="She rang"), two.olive)
    service.perform(two.second, c.Message(text="Hello?"), Resident(two.second, "Mina Rahman"))
    assert two.second in {one.ref for one in lists.inbox(two.olive, "unread").rows}


# ---- the resident, and her helper --------------------------------------------------------------------------


def codes(two: Two, ref: str, who: Role = Role.RESIDENT) -> str:
    return issue_new_code(ref, who, two.olive, identified_by="Date of birth")


def test_the_code_of_the_later_case_leads_its_resident_to_the_earlier(two: Two, app: Flask) -> None:
    code = codes(two, two.second)
    two.merge()
    hers: Client = made.browser(app)
    resident_signs_in(hers, two.second, code)
    page = hers.page("/en/my-complaint")
    assert f"Reference: {two.first}" in page.main
    assert f"Your complaint {two.second} is now part of this one" in page.main
    letter = db.session.query(Letter).filter_by(case_id=row(two.second).id).one()
    assert hers.get(f"/en/my-complaint/letters/{letter.id}").status_code == 200
    two.unmerge()
    again: Client = made.browser(app)
    resident_signs_in(again, two.second, code)
    assert f"Reference: {two.second}" in again.page("/en/my-complaint").main


def test_a_new_code_and_signing_out_everywhere_shut_the_door_of_the_later_case_too(
    two: Two, app: Flask
) -> None:
    lost = codes(two, two.second)
    early: Client = made.browser(app)
    resident_signs_in(early, two.second, lost)  # before the cases became one
    two.merge()
    hers: Client = made.browser(app)
    resident_signs_in(hers, two.second, lost)
    hers.submit("/en/my-complaint/contact", form="#everywhere")
    assert early.page("/en/my-complaint").h1 == hers.page("/en/my-complaint").h1 == "See your complaint"
    resident_signs_in(hers, two.second, lost)
    new = hers.submit("/en/my-complaint/new-code", form="#new-code").one(".app-code").get_text()
    old = {"ref": two.second, "code": lost}
    early.submit("/en/sign-in", old, form="#sign-in", status=422)
    resident_signs_in(early, two.first, new)
    assert early.page("/en/my-complaint").h1 == "My complaint"


def test_a_code_from_an_officer_shuts_the_door_of_the_later_case_too(two: Two, app: Flask) -> None:
    lost = codes(two, two.second)
    two.merge()
    early: Client = made.browser(app)
    resident_signs_in(early, two.second, lost)
    new = codes(two, two.first)
    assert early.page("/en/my-complaint").h1 == "See your complaint"
    early.submit("/en/sign-in", {"ref": two.second, "code": lost}, form="#sign-in", status=422)
    resident_signs_in(early, two.first, new)


def test_another_resident_stays_on_her_own_page_and_sees_nothing_of_the_other(app: Flask) -> None:
    two = Two(name="Jan Nowak", what="The roof leaks", email="jan@other.example", phone="")
    code = codes(two, two.second)
    two.merge(differs="Same roof")
    assert people.recognise(two.second, f"resident:{two.second}") == Resident(two.second, "Jan Nowak")
    his: Client = made.browser(app)
    resident_signs_in(his, two.second, code)
    page = his.page("/en/my-complaint")
    assert f"Reference: {two.second}" in page.main
    assert "together with another complaint" in page.main
    assert two.first not in page.main
    assert "Mina" not in page.main
    with pytest.raises(NoSuchCase):
        queries.case(two.first, Resident(two.second, "Jan Nowak"))
    hers = queries.case(two.first, Resident(two.first, "Mina Rahman"))
    assert [one.of for one in hers.letters] == [""]


def test_father_and_son_in_one_home_are_two_people(app: Flask) -> None:
    two = Two(email="son@resident.example", phone="07700 900111")
    two.merge()
    assert not state(two.first).merged[0].same_person
    assert people.recognise(two.second, f"resident:{two.second}") == Resident(two.second, "Mina Rahman")


def test_who_changes_contact_details_to_get_in_stays_out(app: Flask) -> None:
    """Same person when merged, then the earlier case is corrected to somebody else: the old way is shut."""
    two = Two()
    two.merge()
    changed = Person(name="Mina Rahman", email="other@resident.example", phone="07700 900222")
    two.does(two.first, c.ChangeContact(resident=changed, safety=Safety()))
    assert people.recognise(two.second, f"resident:{two.second}") == Resident(two.second, "Mina Rahman")


def test_a_helper_of_one_learns_nothing_of_the_other(app: Flask) -> None:
    everything = Consent(scope=ConsentScope.EVERYTHING, basis="spoken", words="Tell Noor all")
    two = Two(helper=HELPER, consent=everything)
    two.merge(differs="A friend helps with one")
    key = f"representative:{two.second}:1"
    helper = people.recognise(two.second, key)
    assert isinstance(helper, Representative)
    assert helper.case_ref == two.second
    with pytest.raises(NoSuchCase):
        queries.case(two.first, helper)
    view = queries.case(two.second, helper)
    assert {one.of for one in view.letters} <= {""}
    assert view.letters
    two.does(two.second, c.SetConsent(consent=Consent(scope=ConsentScope.REFUSED, words="No more, she said")))
    assert people.recognise(two.second, key) == replace(helper, scope=ConsentScope.REFUSED)


def test_a_helper_of_the_earlier_case_reads_no_letter_of_the_later(app: Flask) -> None:
    everything = Consent(scope=ConsentScope.EVERYTHING, basis="spoken", words="Tell Noor all")
    officer = made.colleague(Role.OFFICER)
    first = made.complaint(helper=HELPER, consent=everything)
    with clock.pretend(clock.now() + timedelta(minutes=1)):
        second = service.submit(
            c.Submit(
                language="en",
                channel=Channel.PORTAL,
                story=Story(what="Something private"),
                resident=state(first).resident,
            ),
            Resident("", "Mina Rahman"),
            made.LANDLORD,
        ).ref
    with clock.pretend(clock.now() + timedelta(minutes=2)):
        service.perform(
            second, c.Merge(into=first, why="Same", differs="Her friend helps"), made.actor(officer)
        )
    assert state(first).merged[0].same_person
    helper = Representative(first, HELPER.name, ConsentScope.EVERYTHING)
    view = queries.case(first, helper)
    assert {one.of for one in view.letters} <= {""}
    assert view.merged == ()
    letter = db.session.query(Letter).filter_by(case_id=row(second).id).first()
    assert letter is not None
    with pytest.raises(NoSuchCase):
        queries.letter(first, letter.id, helper)
