"""Views of the inbox that staff keep under a name: their own, and those that somebody shared with all."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from shared.db import db, writing
from shared.identity.actors import Staff
from shared.models import SavedView

MOST = 30  # views of one person
LONGEST_NAME = 60  # characters


@dataclass(frozen=True, slots=True)
class View:
    """A kept state of the inbox: `query` is the query of its address. `mine`: this reader may delete it."""

    id: int
    name: str
    query: str
    shared: bool
    mine: bool


def seen_by(actor: Staff) -> tuple[View, ...]:
    """A person's own views and all shared ones, by name."""
    query = (
        select(SavedView)
        .where(or_(SavedView.owner_id == actor.id, SavedView.shared.is_(True)))
        .order_by(SavedView.name, SavedView.id)
        .limit(200)
    )
    return tuple(
        View(row.id, row.name, row.query, row.shared, row.owner_id == actor.id)
        for row in db.session.scalars(query)
    )


def keep(actor: Staff, name: str, query: str, shared: bool) -> None:
    """Keep a view under a name; the same name again replaces it.

    Raises ValueError, in words for the person, when there is no room or no name.
    """
    name = " ".join(name.split())
    if not name:
        raise ValueError("Enter a name for the view")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"Use {LONGEST_NAME} characters or fewer for the name")
    with writing() as session:
        mine = list(session.scalars(select(SavedView).where(SavedView.owner_id == actor.id)))
        row = next((one for one in mine if one.name == name), None)
        if row is None and len(mine) >= MOST:
            raise ValueError(f"You have {MOST} views. Delete one first")
        if row is None:
            row = SavedView(owner_id=actor.id, name=name)
            session.add(row)
        row.query, row.shared = query[:500], shared


def forget(actor: Staff, number: int) -> None:
    """Delete a view of one's own; nothing happens to anybody else's."""
    with writing() as session:
        row = session.get(SavedView, number)
        if row is not None and row.owner_id == actor.id:
            session.delete(row)
