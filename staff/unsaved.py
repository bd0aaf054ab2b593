"""What came with a form that could not be saved yet: its words, and files that wait for it.

The files are named by a signed field of the form. The signature ties them to the person and the case, so that
nobody can claim a file that is not theirs.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from shared.cases import files
from shared.cases.state import FileRef
from shared.web.file_words import NOT_TAKEN, of_one, why_not
from staff.forms.base import ActionForm

# Never carried along or kept in a draft: what steers the page, and what chooses a text to put in.
NOT_KEPT = {"csrf_token", "do", "seen", "since", "shown", "put_text", "put_into", "put_name", "uploads"}


def carried(sent: Any) -> dict[str, list[str]]:
    """Everything that was typed, by control name. `sent` is a MultiDict, such as request.form."""
    return {
        name: [str(value).replace("\x00", "") for value in values]
        for name, values in sent.lists()
        if name not in NOT_KEPT
    }


def take_in(form: ActionForm) -> list[str]:
    """Clean and keep the files of this post beside those kept before; returns a sentence for each refusal."""
    if not form.takes_files:
        return []
    form.files = unpacked(form, request.form.get("kept_files", ""))
    refused = []
    for item in form["uploads"].data or []:
        try:
            ref = files.add(
                item.stream,
                item.filename or "",
                added_by=form.actor.display,
                internal=form.internal_files,
            )
        except NOT_TAKEN as error:
            refused.append(of_one(item.filename or "", why_not(error)))
        else:
            form.files = (*form.files, ref)
    return refused


def token(form: ActionForm) -> str:
    """The files that wait, for a hidden field; empty when none do."""
    if not form.files:
        return ""
    rows = [
        [f.id, f.name, f.media_type, f.size, f.taken_on.isoformat() if f.taken_on else ""] for f in form.files
    ]
    return str(_signer(form).dumps(rows))


def with_files(form: ActionForm, answers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Answers with the files that wait for the same form."""
    return {**answers, "kept_files": [token(form)]} if form.files else dict(answers)


def unpacked(form: ActionForm, sent: str) -> tuple[FileRef, ...]:
    """The files that a signed field names; none for a field that this person did not get for this form."""
    if not sent or not form.takes_files:
        return ()
    try:
        rows = _signer(form).loads(sent)
    except BadSignature:
        return ()
    return tuple(
        FileRef(id=i, name=n, media_type=m, size=s, taken_on=date.fromisoformat(d) if d else None)
        for i, n, m, s, d in rows
    )


def _signer(form: ActionForm) -> URLSafeSerializer:
    return URLSafeSerializer(
        str(current_app.secret_key), salt=f"kept-files:{form.view.ref}:{form.actor.id}:{form.action.value}"
    )
