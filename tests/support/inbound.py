"""Cases and mail for the tests of what arrives by e-mail."""

from email.message import EmailMessage

from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.state import Person, Story
from shared.identity.actors import Resident
from shared.vocab import Channel, Role
from tests.support.staff import actor, colleague

EMAIL = "amina@example.org"


def a_case(email: str = EMAIL) -> str:
    """A complaint sent on the portal; returns its reference."""
    person = Person(name="Amina Yusuf", email=email, address=("4 Elm Court",), postcode="WA8 0TD")
    story = Story(what="Mould on the wall")
    return service.submit(
        c.Submit(language="en", channel=Channel.PORTAL, story=story, resident=person),
        Resident("", "Amina"),
        "halton",
    ).ref


def mail(to: str, sender: str = EMAIL, number: int = 1, **headers: str) -> EmailMessage:
    """A plain answer by e-mail; headers by name with _ for -."""
    made = EmailMessage()
    made["From"] = f"Amina Yusuf <{sender}>"
    made["To"] = to
    made["Subject"] = "Re: We have your complaint"
    made["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("It still leaks.\n")
    return made


def said(ref: str) -> list[str]:
    """What was added to a case, in order."""
    manager = actor(colleague(Role.MANAGER, name=f"Reader {ref}", email=f"{ref}@reader.example", password=""))
    events = queries.case(ref, manager).events
    return [e.command.text for e in events if isinstance(e.command, c.AddInformation)]
