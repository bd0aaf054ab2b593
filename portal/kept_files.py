"""Files chosen on a page of the signed-in person, held from the first press on: no error beside them loses them.

A held file belongs to nobody yet. The form brings its number along, signed for this one person; the command
that is performed in the end takes it, and one that nobody came back for is tidied away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer

from portal import rate_limits, session
from shared import config
from shared.cases import files
from shared.cases.state import FileRef
from shared.identity.actors import Representative, Resident
from shared.uploads import Reason
from shared.web.file_words import NOT_TAKEN, of_one, sentence, why_not

FIELD, DROP = "held", "drop"  # controls of the form: what it holds, and the button that takes one off
MOST = 20  # of one form
FULL = _l("Your complaint holds as many files as we can take. Call us, and we find another way.")

Person = Resident | Representative


@dataclass(frozen=True, slots=True)
class Held:
    """One file that waits on a form; `token` is what the form sends back."""

    token: str
    file: FileRef


def of_form(person: Person) -> list[Held]:
    """The files that the form of this request brings along, without the one that was taken off."""
    dropped = request.form.get(DROP)
    return known(person, (token for token in request.form.getlist(FIELD) if token != dropped))


def known(person: Person, tokens: Iterable[str]) -> list[Held]:
    """Which of these tokens stand for files that wait for this person."""
    wanted = {token: _number(person, token) for token in list(dict.fromkeys(tokens))[:MOST]}
    found = files.waiting({number for number in wanted.values() if number})
    return [Held(token, found[number]) for token, number in wanted.items() if number in found]


def take(person: Person, form: Any) -> list[Held]:
    """Everything that waits on this form, with what was chosen now; a refusal stands beside the field."""
    dropped = request.form.get(DROP, "")
    if number := _number(person, dropped):
        files.drop_waiting(number)
    holding = of_form(person)
    chosen = list(form.files.data or [])
    for one in chosen:
        name = one.filename or ""
        found = FULL if len(holding) >= MOST else add(person, one.stream, name)
        if isinstance(found, Held):
            holding.append(found)
        else:
            form.refuse("files", found if len(chosen) == 1 else of_one(name, found))
    return holding


def add(person: Person, stream: Any, name: str) -> "Held | str":
    """Clean and hold one file; a sentence when it is refused."""
    try:
        rate_limits.adding_file()
        found = files.add(stream, name, added_by=person.display, for_case=person.case_ref)
    except rate_limits.TooFast:
        return sentence(Reason.BUSY, {})
    except NOT_TAKEN as error:
        return why_not(error, FULL)
    return Held(_signer(person).dumps(found.id), found)


def rescue() -> list[str]:
    """The tokens of files that came with a form whose sender's session has ended: they wait for the sign-in.

    Only where this browser was signed in before; a stranger's files are not touched.
    """
    person = session.was_signed_in() if request.files else None
    if person is None:
        return []
    chosen = [one for one in request.files.getlist("files")[:MOST] if one.filename]
    found = [add(person, one.stream, one.filename or "") for one in chosen]
    return [one.token for one in found if isinstance(one, Held)]


def _signer(person: Person) -> URLSafeSerializer:
    return URLSafeSerializer(config.current().secret_key, salt=f"held:{person.key}")


def _number(person: Person, token: str) -> int | None:
    try:
        number = _signer(person).loads(token)
    except BadData:
        return None
    return number if isinstance(number, int) else None
