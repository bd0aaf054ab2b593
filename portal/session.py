"""What one browser holds: an unsent draft, and the resident or helper who is signed in.

The cookie is signed and ends with the browser: a library's computer forgets. It names people and drafts by
key only; what they may see is read from the case at every request.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, session, url_for

from shared import config
from shared.cases import drafts, people
from shared.cases.drafts import DraftView
from shared.identity import sessions
from shared.identity.actors import Representative, Resident

DRAFT, WHO, RECEIPT = "draft", "who", "receipt"


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

    Ends after Config.resident_idle_minutes without a page, and at once when the way in is withdrawn.
    """
    if "portal.who" not in request.environ:
        request.environ["portal.who"] = _recognise()
    found: Resident | Representative | None = request.environ["portal.who"]
    return found


def sign_in(actor: Resident | Representative) -> None:
    """Let this browser see that person's case. Whoever calls has checked the proof."""
    now = sessions.stamp()
    session[WHO] = {"ref": actor.case_ref, "key": actor.key, "seen": now, "since": now}
    request.environ.pop("portal.who", None)


def sign_out() -> None:
    """This browser forgets person, draft, receipt and all."""
    session.clear()
    request.environ.pop("portal.who", None)
    request.environ.pop("portal.draft", None)


def _recognise() -> Resident | Representative | None:
    kept: Any = session.get(WHO)
    if not isinstance(kept, dict):
        return None
    idle = timedelta(minutes=config.current().resident_idle_minutes)
    if sessions.is_idle(kept.get("seen"), idle):
        return None
    since = kept.get("since")
    if not isinstance(since, int):
        return None
    found = people.recognise(str(kept.get("ref")), str(kept.get("key")), since)
    if found is not None:
        session[WHO] = {**kept, "seen": sessions.stamp()}
    return found


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


def receipt() -> Receipt | None:
    """The receipt to show; its code only within the first minutes after sending."""
    kept: Any = session.get(RECEIPT)
    if not isinstance(kept, dict):
        return None
    late = sessions.is_idle(kept.get("at"), timedelta(minutes=30))
    return Receipt(
        ref=str(kept.get("ref", "")),
        kind=str(kept.get("kind", "")),
        code="" if late else str(kept.get("code", "")),
        anonymous=bool(kept.get("anonymous")),
    )


# Wiring -----------------------------------------------------------------------------------------------------


def door(**values: Any) -> str:
    """Where somebody goes who has to sign in first."""
    return url_for("portal.sign_in", **values)
