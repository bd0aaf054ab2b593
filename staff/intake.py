"""Logging a complaint on somebody's behalf: by any colleague, in any channel, with the day it reached us.

Looked over once before it is logged, with what we may have already; logged once however often the button is
pressed; then a receipt to read out or print, with the access code shown this one time.
"""

from typing import Any

from flask import abort, request, session, url_for
from flask.typing import ResponseReturnValue

from shared.cases import drafts, files, intake, service
from shared.cases.drafts import DraftView
from shared.cases.guards import Problem
from shared.cases.wording import KINDS
from shared.deadlines.calendar import OutsideCalendar
from shared.identity.roles import Permission, holders, may
from shared.identity.tokens import parse_reference
from shared.web import access
from shared.web.file_words import NOT_TAKEN, of_one, why_not
from shared.web.forms import fingerprint
from shared.web.render import render, see_other
from staff import mailed_complaint
from staff.actions import TOO_FAR
from staff.addresses import me, true_ref
from staff.blueprint import pages
from staff.forms.base import summary
from staff.forms.intake import AGAIN, SAFETY, WHAT_IT_IS, IntakeForm, landlord, start
from staff.forms.taking_in import CHANNELS

LOGGERS = tuple(sorted(holders(Permission.LOGS_INTAKE)))
CODES = "staff_codes"  # the access codes of the case logged last, until its receipt has been shown
NOT_FOUND = "We cannot log a request for stage 2 under this reference. Check it, or log a new complaint"
FULL = "There are as many files as one complaint may have. Log it first, then add more."
FIELDS = {"received_at": "received_on", "mail": ""}  # what the form names otherwise, or does not show


@pages.route("/intake", methods=["GET", "POST"], endpoint="intake")
@access.staff(*LOGGERS)
def log() -> ResponseReturnValue:
    """Log a complaint: the form, then a look over it, then the case."""
    if request.method == "GET":
        mail = mailed_complaint.asked()
        form = IntakeForm(formdata=None, data=start() | (mailed_complaint.answers(mail) if mail else {}))
        form.prepare()
        return _page(form)
    form = IntakeForm()
    form.prepare()
    draft = drafts.find(form.draft.data or "")
    if request.form.get("do") == "edit":
        return _page(form, draft)
    if draft is None and form.mail.data:
        try:
            draft = mailed_complaint.begin(form)
        except mailed_complaint.NotNow as why:
            return _page(form, None, 422, [str(why)])
    refused, draft = _take_files(form, draft)
    good = form.validate()
    for text in refused:
        form.refuse("uploads", text)
    if not good or refused:
        return _page(form, draft, 422)
    if form.kind.data == AGAIN:
        return _again(form, draft)
    return _log(form, draft)


@pages.get("/intake/<string:ref>", endpoint="intake_receipt")
@access.staff(*LOGGERS)
def receipt(ref: str) -> ResponseReturnValue:
    """What to read out or print once it is logged. The access code stands here once."""
    try:
        shown = intake.receipt(true_ref(ref), me())
    except service.NoSuchCase:
        abort(404)
    kept = session.pop(CODES, None) or {}
    return render(
        "staff/intake_receipt.html",
        heading=f"Logged: {ref}",
        receipt=shown,
        kind=KINDS.get(shown.kind, ""),  # type: ignore[call-overload]
        codes=kept.get("codes", {}) if kept.get("ref") == ref else {},
        sees_case=may(me().roles, Permission.SEES_INBOX),
    )


def _log(form: IntakeForm, draft: DraftView | None) -> ResponseReturnValue:
    taken = files.refs_of_draft(draft.id) if draft and not draft.case_ref else ()
    command = form.command(taken, mailed_complaint.settled_by(draft))
    if problems := intake.problems(command, me(), landlord()):
        return _refused(form, draft, problems)
    if request.form.get("do") != "log" or draft is None:
        if draft is None:
            draft = _begin(form)
        return _look_over(form, draft, command)
    try:
        done = service.submit(command, me(), landlord(), draft_id=draft.id)
    except service.Refused as refused:
        return _refused(form, draft, refused.problems)
    except OutsideCalendar:
        return _refused(form, draft, [Problem("received_on", TOO_FAR)])
    session[CODES] = {"ref": done.ref, "codes": done.codes}
    return see_other(url_for("staff.intake_receipt", ref=done.ref))


def _again(form: IntakeForm, draft: DraftView | None) -> ResponseReturnValue:
    """Not satisfied with an earlier answer: stage 2 of that complaint, without anybody having to open it."""
    ref = parse_reference(form.reference.data) or ""
    taken = files.refs_of_draft(draft.id) if draft and not draft.case_ref else ()
    command = form.escalation(taken, mailed_complaint.settled_by(draft))
    try:
        service.perform(ref, command, me(), form=fingerprint([AGAIN], _carried().items()))
    except (service.NoSuchCase, service.NotAllowed):
        return _refused(form, draft, [Problem("reference", NOT_FOUND)])
    except service.Refused as refused:
        return _refused(form, draft, refused.problems)
    except OutsideCalendar:
        return _refused(form, draft, [Problem("received_on", TOO_FAR)])
    session[AGAIN] = ref
    return see_other(url_for("staff.intake"))


def _look_over(form: IntakeForm, draft: DraftView, command: Any) -> ResponseReturnValue:
    return render(
        "staff/intake_check.html",
        heading="Check before you log it",
        form=form,
        command=command,
        doubles=intake.possible_doubles(command, me()),
        open_book=may(me().roles, Permission.SEES_PERSONAL_DATA),
        kinds=WHAT_IT_IS,
        channels=CHANNELS,
        safety=[text for name, text in SAFETY if getattr(command.safety, name)],
        draft_token=form.draft.data,
        carried=_carried(),
    )


def _begin(form: IntakeForm) -> DraftView:
    _, token = drafts.begin(form.language.data or "en", {"intake": me().key})
    form.draft.data = token
    found = drafts.find(token)
    assert found is not None  # noqa: S101 - it was made a moment ago
    return found


def _take_files(form: IntakeForm, draft: DraftView | None) -> tuple[list[str], DraftView | None]:
    """Keep the files of this post on the draft; a sentence for each that we cannot keep."""
    refused = []
    for item in form.uploads.data or []:
        draft = draft or _begin(form)
        if draft.case_ref:
            break
        try:
            files.add(item.stream, item.filename or "", added_by=me().display, draft_id=draft.id)
        except NOT_TAKEN as error:
            refused.append(of_one(item.filename or "", why_not(error, FULL)))
    return refused, drafts.find(form.draft.data or "") or draft


def _refused(form: IntakeForm, draft: DraftView | None, problems: list[Problem]) -> ResponseReturnValue:
    general = []
    for problem in problems:
        name = FIELDS.get(problem.field, problem.field)
        if name in form:
            form.refuse(name, problem.message)
        else:
            general.append(problem.message)
    return _page(form, draft, 422, general)


def _page(
    form: IntakeForm, draft: DraftView | None = None, status: int = 200, general: list[str] | None = None
) -> ResponseReturnValue:
    return render(
        "staff/intake.html",
        status=status,
        heading="Log a complaint for somebody",
        form=form,
        errors=[*({"text": text} for text in general or ()), *summary(form)],
        added=draft.files if draft and not draft.case_ref else (),
        mine=intake.logged_by(me()),
        again=session.pop(AGAIN, "") if request.method == "GET" else "",
        kinds={kind.value: text for kind, text in KINDS.items()},
    )


def _carried() -> dict[str, list[str]]:
    left_out = {"csrf_token", "do", "draft"}
    return {name: values for name, values in request.form.lists() if name not in left_out}
