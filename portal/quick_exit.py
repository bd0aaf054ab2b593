"""The quick way out, on every page of somebody who told us that a person hurts or threatens them."""

from typing import Any

from flask import g

from portal import session

RISKY = "people"  # the danger after which every page offers it


def note_danger(danger: str) -> None:
    """The case that is open on this page reports this danger."""
    g.portal_danger = danger


def context() -> dict[str, Any]:
    """Whether the page offers the quick way out."""
    draft = session.draft()
    said = (draft.answers.get("danger") if draft else "") or g.get("portal_danger", "")
    return {"risky": said == RISKY}
