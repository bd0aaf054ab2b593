"""What one browser holds: an unsent draft, and the resident or helper who is signed in.

The cookie is signed and ends with the browser: a library's computer forgets. It holds drafts and sessions by
token only; a session is a row, so that whoever signs out ends every copy of the cookie too, and what its
person may see is read from the case at every request.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import g, request, session, url_for

from shared import config
from shared.cases import drafts
from shared.cases.access import people
from shared.cases.drafts import DraftView
from shared.identity import sessions
from shared.identity.actors import Representative, Resident

DRAFT, WHO, RECEIPT = "draft", "who", "receipt"
CODE_STAYS = timedelta(minutes=30)


# The draft --------------------------------------------------------------------------------------------------


def draft() -> DraftView | None:
    """The draft that this browser is writing, or has just sent; None when it holds none."""
    if "portal.draft" not in request.environ:
        token = session.get(DRAFT)
        request.environ["portal.draft"] = drafts.find(token) if isinstance(token, str) else None
    found: DraftView | None = request.environ["portal.draft"]
    return found


def draft_token() -> str:
    """The token of the browser's draft, for forms that must outlive the session; "" when there is none."""
    return str(session.get(DRAFT) or "")


def keep_draft(token: str) -> None:
    """This browser holds that draft from now on."""
    session[DRAFT] = token
    request.environ.pop("portal.draft", None)


def drop_draft() -> None:
    """This browser forgets its draft; the draft itself stays until it is deleted or tidied away."""
    session.pop(DRAFT, None)
    request.environ.pop("portal.draft", None)


def refresh_draft() -> DraftView | None:
    """Read the draft again, after it was changed in this request."""
    request.environ.pop("portal.draft", None)
    return draft()


# Who is signed in -------------------------------------------------------------------------------------------


def current_resident() -> Resident | Representative | None:
    """The resident or helper who is signed in to one case in this browser; None for nobody.

    Ends after Config.resident_idle_minutes without a page, after resident_absolute_hours in any case, and at
    once when they sign out or get a new code.
    """
    if "portal.who" not in request.environ:
        request.environ["portal.who"] = _recognise()
    found: Resident | Representative | None = request.environ["portal.who"]
    return found


def was_signed_in() -> Resident | Representative | None:
    """Whoever was signed in until they were away for too long: what they send is theirs once they are back."""
    token = _token()
    return people.signed_in(token, timed_out=True) if token else None


def sign_in(actor: Resident | Representative) -> None:
    """Let this browser see that person's case. Whoever calls has checked the proof."""
    if token := _token():
        people.sign_out(token)
    session[WHO] = {"token": people.sign_in(actor), "seen": sessions.stamp()}
    for kept in (session, g):  # forms of whoever held this browser before are worth nothing to the new one
        kept.pop("csrf_token", None)
    request.environ.pop("portal.who", None)


def sign_out() -> None:
    """End the session, and let this browser forget person, draft, receipt and all."""
    if token := _token():
        people.sign_out(token)
    forget()


def forget() -> None:
    """This browser forgets person, draft, receipt and all. Writes nothing, so a plain link may do it."""
    session.clear()
    request.environ.pop("portal.who", None)
    request.environ.pop("portal.draft", None)


def _recognise() -> Resident | Representative | None:
    idle = timedelta(minutes=config.current().resident_idle_minutes)
    token = _token()
    if token is None or sessions.is_idle(session[WHO].get("seen"), idle):
        return None
    found = people.signed_in(token)
    if found is not None:
        session[WHO] = {"token": token, "seen": sessions.stamp()}
    return found


def _token() -> str | None:
    """The token of the session that this browser holds, be it live or not."""
    kept: Any = session.get(WHO)
    token = kept.get("token") if isinstance(kept, dict) else None
    return token if isinstance(token, str) else None


# The receipt ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was just sent from this browser. `code` is empty for those who get none (no name, passed on)."""

    ref: str
    kind: str
    code: str
    anonymous: bool


def keep_receipt(receipt: Receipt) -> None:
    """Show this receipt on the next pages; the code is kept nowhere but in this browser, and not for long."""
    session[RECEIPT] = {
        "ref": receipt.ref,
        "kind": receipt.kind,
        "code": receipt.code,
        "anonymous": receipt.anonymous,
        "at": sessions.stamp(),
    }


def let_the_code_go() -> None:
    """Before every page: the code of a receipt leaves this browser some minutes after it was sent."""
    kept: Any = session.get(RECEIPT)
    if isinstance(kept, dict) and kept.get("code") and sessions.is_idle(kept.get("at"), CODE_STAYS):
        drop_code()


def drop_code() -> None:
    """The receipt goes on without its code: its time is over, or another code took its place."""
    if isinstance(kept := session.get(RECEIPT), dict):
        session[RECEIPT] = {**kept, "code": ""}


def receipt() -> Receipt | None:
    """The receipt to show; its code only to the session that sent it, for the first minutes."""
    kept: Any = session.get(RECEIPT)
    if not isinstance(kept, dict):
        return None
    return Receipt(
        ref=str(kept.get("ref", "")),
        kind=str(kept.get("kind", "")),
        code=str(kept.get("code", "")) if current_resident() else "",
        anonymous=bool(kept.get("anonymous")),
    )


# Wiring -----------------------------------------------------------------------------------------------------


def sign_in_url(**values: Any) -> str:
    """Where somebody goes who has to sign in first."""
    return url_for("portal.sign_in", **values)
