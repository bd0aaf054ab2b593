"""Bank holidays: those that the service knows, and those proclaimed since, which move every date in flight."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import ValidationError

from shared import clock
from shared.cases import rules, sweep
from shared.db import db
from shared.deadlines.calendar import LAST_YEAR, OutsideCalendar
from shared.identity.roles import Permission, holders
from shared.web.access import actor, staff
from shared.web.forms import DateParts, Form, at_most, required
from shared.web.render import render, see_other
from staff.blueprint import pages

KEEPERS = holders(Permission.ADDS_HOLIDAYS)


class Holiday(Form):
    """A day that is proclaimed to be no working day."""

    day = DateParts("Which day?", missing="Enter the day")
    name = StringField("What is it called?", [required("Enter what the day is called"), at_most(120)])

    def validate_day(self, field: DateParts) -> None:
        """Only a coming working day can become a holiday: past dates were met or missed as they stood."""
        if field.data is None:
            return
        if field.data < clock.today():
            raise ValidationError(
                "Enter a day that has not passed. Dates that have run out stay as they were"
            )
        try:
            already = rules.calendar(db.session()).why_not(field.data)
        except OutsideCalendar:
            raise ValidationError(f"Enter a day before the end of {LAST_YEAR}") from None
        if already:
            raise ValidationError(f"Nobody works on this day already: {already}")


@pages.get("/holidays")
@staff(*KEEPERS)
def holidays() -> ResponseReturnValue:
    """The coming holidays, and a form for one more."""
    return _page(Holiday())


@pages.post("/holidays")
@staff(*KEEPERS)
def holidays_post() -> ResponseReturnValue:
    """Add the day and move the dates: each case keeps what moved and why."""
    form = Holiday()
    if not form.validate() or form.day.data is None:
        return _page(form, 422)
    moved = sweep.add_holiday(form.day.data, form.name.data, actor())
    return see_other(url_for("staff.holidays", moved=moved))


def _page(form: Holiday, status: int = 200) -> ResponseReturnValue:
    moved = request.args.get("moved", "")
    calendar = rules.calendar(db.session())
    coming = [(day, name) for day, name in sorted(calendar.holidays.items()) if day >= clock.today()]
    return render(
        "staff/holidays.html",
        status=status,
        form=form,
        coming=coming[:12],
        added=rules.added_holidays(db.session()),
        last_year=LAST_YEAR,
        moved=int(moved) if moved.isascii() and moved.isdigit() and len(moved) < 9 else None,
    )
