"""Absences: a stand-in for somebody who is away, named by the person or by a manager."""

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from shared import clock
from shared.cases.colleagues import absences, candidates
from shared.db import db, writing
from shared.identity import standins
from shared.identity.roles import Permission, holders, may
from shared.web.access import actor, staff
from shared.web.forms import DateParts, Form, at_most, choices, required
from shared.web.render import render, see_other
from staff.blueprint import pages
from staff.forms.base import day_of

READERS = holders(Permission.SEES_INBOX)


class Away(Form):
    """Who is away from when to when, and who does the work meanwhile."""

    absent = SelectField("Who is away?", [required("Choose who is away")])
    to = SelectField("Who stands in?", [required("Choose who stands in")])
    from_on = DateParts("First day away", missing="Enter the first day")
    until_on = DateParts("Last day away", missing="Enter the last day")
    reason = StringField("A word for colleagues", [at_most(300)])

    def offer(self) -> "Away":
        """Fill in the choices: for oneself, or for anybody where one may decide it."""
        me, people = actor(), sorted(candidates.holding(READERS), key=lambda person: person.name)
        others = [p for p in people if standins.may_decide_for(me, p.id)]
        self.absent.choices = choices([("", "Choose"), *((str(p.id), p.name) for p in others)])
        rows = [(str(p.id), f"{p.name}, {p.job}" + (f" ({p.away})" if p.away else "")) for p in people]
        self.to.choices = choices([("", "Choose"), *rows])
        return self


@pages.get("/away", endpoint="away")
@staff(*READERS)
def form() -> ResponseReturnValue:
    """Who is away and who stands in, and the form for naming somebody."""
    return _page(Away(formdata=None, data={"absent": str(actor().id), "from_on": clock.today()}).offer())


@pages.post("/away", endpoint="away_post")
@staff(*READERS)
def name() -> ResponseReturnValue:
    """Name a stand-in; then show what they cannot take on."""
    answers = Away().offer()
    if answers.validate():
        try:
            with writing() as session:
                row = standins.appoint(
                    session,
                    absent=int(answers.absent.data),
                    to=int(answers.to.data),
                    from_on=day_of(answers.from_on),
                    until_on=day_of(answers.until_on),
                    reason=answers.reason.data or "",
                    by=actor(),
                )
        except standins.Unfit as error:
            answers.refuse(error.field, str(error))
        else:
            return see_other(url_for("staff.away_one", number=row.id))
    return _page(answers, 422)


@pages.get("/away/<int(max=2147483647):number>", endpoint="away_one")
@staff(*READERS)
def one(number: int) -> ResponseReturnValue:
    """One absence: what the stand-in cannot take on, and what they did meanwhile."""
    absence = _absence(number)
    return render(
        "staff/away_one.html",
        heading=f"{absence.away} is away",
        absence=absence,
        out_of_reach=absences.out_of_reach(absence.from_id, absence.to_id, actor()),
        meanwhile=absences.meanwhile(absence, actor()),
        now_on=absence.on(clock.today()),
    )


@pages.post("/away/<int(max=2147483647):number>/end", endpoint="away_end")
@staff(*READERS)
def end(number: int) -> ResponseReturnValue:
    """Back early, or not going at all."""
    absence = _absence(number)
    with writing() as session:
        standins.end(session, absence.id, actor())
    return see_other(url_for("staff.away"))


def _absence(number: int) -> standins.Absence:
    """One absence, for the two people and those who decide; nobody else needs to know why somebody is away."""
    found = standins.find(db.session(), number)
    me = actor()
    if found is None or not (me.id == found.to_id or standins.may_decide_for(me, found.from_id)):
        abort(404)
    return found


def _page(answers: Away, status: int = 200) -> ResponseReturnValue:
    me = actor()
    decides = may(me.roles, Permission.DECIDES_ABSENCES)
    return render(
        "staff/away.html",
        status=status,
        heading="Absences and stand-ins",
        form=answers,
        planned=standins.planned(db.session(), None if decides else me.id),
        today=clock.today(),
        decides=decides,
        may_end=lambda absence: standins.may_decide_for(me, absence.from_id),
    )
