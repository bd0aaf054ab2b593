"""The bare address of the staff side: leads each role to the page where its day begins."""

from flask.typing import ResponseReturnValue

from shared.web.access import actor, staff
from shared.web.render import see_other
from staff.blueprint import pages
from staff.navigation import home_for


@pages.get("/")
@staff()
def home() -> ResponseReturnValue:
    """The first page for the roles of whoever is signed in."""
    return see_other(home_for(actor()))
