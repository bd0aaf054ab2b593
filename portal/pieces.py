"""Files in pieces, for scripts: an upload that a lost signal broke off goes on where it stopped.

The page works without this. One piece is a raw body with its place in the address; the answer is JSON.
"""

import re
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext

from portal import session
from portal.blueprint import pages
from portal.journey import keep
from portal.upkeep import FOLDER
from portal.uploads import take_one
from shared import config
from shared.uploads import Reason, Refused
from shared.uploads.partial import NAME, OutOfStep, Partial
from shared.web.access import public
from shared.web.file_words import sentence

PIECE = 2_000_000  # bytes; what the script sends at once is smaller


@pages.get("/tell-us/files/piece")
@public
def piece_received() -> Response:
    """How much of an upload is here, for a script that takes it up again."""
    partial = _partial()
    return jsonify(received=partial.received(_name()) if partial and _name() else 0)


@pages.post("/tell-us/files/piece")
@public
def piece() -> tuple[Response, int]:
    """Keep a piece; with the last one the file is checked and added like any other."""
    offset, size = _number("offset"), _number("size")
    name, file_name = _name(), request.args.get("name", "")
    length = request.content_length  # None for an empty body
    if not name or offset is None or size is None or (length or 0) > PIECE:
        return _problem(Reason.FAILED), 400
    if session.draft() is None:
        keep({})
    partial = _partial()
    if partial is None:
        return jsonify(problem=gettext("This was sent already. Go back to the first page.")), 409
    try:
        if size == 0:
            raise Refused(Reason.EMPTY)
        if size > config.current().max_upload_bytes:
            raise Refused(Reason.TOO_BIG, limit=config.current().max_upload_bytes)
        received = partial.append(name, offset, request.stream, config.current().max_upload_bytes)
    except OutOfStep as gap:
        return jsonify(received=gap.received), 409
    except Refused as refused:
        return _problem(refused.reason, refused.facts), 422
    if received < size:
        return jsonify(received=received), 200
    return _finish(partial, name, file_name)


def _finish(partial: Partial, name: str, file_name: str) -> tuple[Response, int]:
    with partial.open(name) as whole:
        problem = take_one(whole, file_name)
    partial.discard(name)
    if problem is not None:
        return jsonify(problem=problem), 422
    return jsonify(done=True, said=gettext("%(name)s was added", name=file_name)), 200


def _partial() -> Partial | None:
    draft = session.draft()
    if draft is None or draft.case_ref:
        return None
    return Partial(config.current().data_dir / FOLDER, str(draft.id))


def _name() -> str:
    name = request.args.get("upload", "")
    return name if NAME.fullmatch(name) else ""


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    return int(typed) if re.fullmatch(r"[0-9]{1,12}", typed) else None


def _problem(reason: Reason, facts: dict[str, Any] | None = None) -> Response:
    return jsonify(problem=sentence(reason, facts or {}))
