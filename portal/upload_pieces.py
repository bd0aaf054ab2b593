"""Files in pieces, for scripts: an upload that a lost signal broke off goes on where it stopped.

The page works without this. One piece is a raw body with its place in the address; the answer is JSON.
"""

import re
from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Response, jsonify, request
from flask_babel import gettext

from portal import kept_files, session
from portal.blueprint import pages
from portal.jobs import FOLDER
from portal.journey import keep
from portal.rate_limits import TooFast, adding_file
from portal.uploads import take_one
from shared import config
from shared.identity import tokens
from shared.uploads import Reason, Refused
from shared.uploads.partial import NAME, OutOfStep, Partial
from shared.web import access
from shared.web.access import public, resident
from shared.web.file_words import sentence

PIECE = 2_000_000  # bytes; what the script sends at once is smaller


Finish = Callable[[BinaryIO, str], tuple[Response, int]]


@pages.get("/tell-us/files/piece")
@public
def piece_received() -> Response:
    """How much of an upload is here, for a script that takes it up again."""
    return _received(_of_draft())


@pages.post("/tell-us/files/piece")
@public
def piece() -> tuple[Response, int]:
    """Keep a piece of a file for the draft; with the last one it is checked and added like any other."""
    if session.draft() is None:
        keep({})
    partial = _of_draft()
    if partial is None:
        return jsonify(problem=gettext("This was sent already. Go back to the first page.")), 409
    return _take(partial, _onto_draft)


@pages.get("/my-complaint/files/piece")
@resident
def my_piece_received() -> Response:
    """The same for somebody who is signed in."""
    return _received(_of_person())


@pages.post("/my-complaint/files/piece")
@resident
def my_piece() -> tuple[Response, int]:
    """Keep a piece of a file for the form that is open; the answer to the last says how the form names it."""
    return _take(_of_person(), _onto_form)


def _onto_draft(whole: BinaryIO, name: str) -> tuple[Response, int]:
    problem = take_one(whole, name)
    if problem is not None:
        return jsonify(problem=problem), 422
    return jsonify(done=True, said=gettext("%(name)s was added", name=name)), 200


def _onto_form(whole: BinaryIO, name: str) -> tuple[Response, int]:
    found = kept_files.add(access.actor(), whole, name)
    if not isinstance(found, kept_files.Held):
        return jsonify(problem=str(found)), 422
    said = gettext("%(name)s was added", name=found.file.name)
    return jsonify(done=True, said=said, held=found.token, name=found.file.name), 200


def _received(partial: Partial | None) -> Response:
    return jsonify(received=partial.received(_name()) if partial and _name() else 0)


def _take(partial: Partial, finish: Finish) -> tuple[Response, int]:
    offset, size, name = _number("offset"), _number("size"), _name()
    length = request.content_length  # None for an empty body
    if not name or offset is None or size is None or (length or 0) > PIECE:
        return _problem(Reason.FAILED), 400
    try:
        if size == 0:
            raise Refused(Reason.EMPTY)
        if size > config.current().max_upload_bytes:
            raise Refused(Reason.TOO_BIG, limit=config.current().max_upload_bytes)
        if offset == 0:
            adding_file()
        received = partial.append(name, offset, request.stream, config.current().max_upload_bytes)
    except TooFast:
        return _problem(Reason.BUSY), 422
    except OutOfStep as gap:
        return jsonify(received=gap.received), 409
    except Refused as refused:
        return _problem(refused.reason, refused.facts), 422
    if received < size:
        return jsonify(received=received), 200
    with partial.open(name) as whole:
        answer = finish(whole, request.args.get("name", ""))
    partial.discard(name)
    return answer


def _of_draft() -> Partial | None:
    draft = session.draft()
    if draft is None or draft.case_ref:
        return None
    return Partial(config.current().data_dir / FOLDER, str(draft.id))


def _of_person() -> Partial:
    owner = tokens.fingerprint("pieces", access.actor().key)
    return Partial(config.current().data_dir / FOLDER, owner)


def _name() -> str:
    name = request.args.get("upload", "")
    return name if NAME.fullmatch(name) else ""


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    return int(typed) if re.fullmatch(r"[0-9]{1,12}", typed) else None


def _problem(reason: Reason, facts: dict[str, Any] | None = None) -> Response:
    return jsonify(problem=sentence(reason, facts or {}))
