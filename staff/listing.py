"""One state of the inbox: which tab, narrowed down by what. Every state is an address, and back again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from shared import i18n
from shared.cases import wording
from shared.cases.inbox import lists
from shared.cases.inbox.lists import Filters
from shared.identity.actors import Staff
from shared.vocab import Risk, Role, Stage

LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,8})?")  # any, not only those that our own texts come in

LONGEST_KEY = 100  # characters of a page's key

# Where the day of a role begins; the first that somebody holds decides.
FIRST_TAB: tuple[tuple[Role, str], ...] = (
    (Role.OFFICER, "to-triage"),
    (Role.MANAGER, "overdue"),
    (Role.HANDLER, "my-work"),
    (Role.SERVICE_MANAGER, "promised"),
    (Role.DIRECTOR, "stage-2"),
    (Role.MEMBER_RESPONSIBLE, "overdue"),
)


@dataclass(frozen=True, slots=True)
class State:
    """A tab and what narrows it down, always valid: an address with nonsense in it gives the whole tab."""

    tab: str
    filters: Filters
    after: str = ""  # the key of a page further on, or
    before: str = ""  # of one further back

    def query(self) -> dict[str, str]:
        """What stands in the address: nothing that narrows nothing."""
        f = self.filters
        found = {
            "tab": self.tab,
            "stage": f.stage,
            "holder": str(f.holder or ""),
            "risk": f.risk,
            "language": f.language,
            "tag": f.tag,
        }
        return {name: value for name, value in found.items() if value}

    def url(self, endpoint: str = "staff.inbox", **more: Any) -> str:
        """The address of this state, or of something about it."""
        return url_for(endpoint, **{**self.query(), **more})

    def here(self) -> str:
        """The address of this very page of it."""
        place = {"after": self.after, "before": self.before}
        return self.url(**{name: key for name, key in place.items() if key})

    def on(self, tab: str) -> "State":
        """Another tab, not narrowed down."""
        return State(tab, Filters())


def home_tab(person: Staff) -> str:
    """The tab where somebody's day begins."""
    return next((tab for role, tab in FIRST_TAB if role in person.roles), "all-open")


def asked(query: "MultiDict[str, str] | Mapping[str, str]", person: Staff) -> State:
    """The state that an address asks for."""
    tab = query.get("tab", "")
    holder = query.get("holder", "")
    language = query.get("language", "")
    return State(
        tab if tab in lists.TABS else home_tab(person),
        Filters(
            stage=_one_of(query.get("stage", ""), Stage),
            holder=int(holder) if holder.isascii() and holder.isdigit() and len(holder) < 10 else None,
            risk=_one_of(query.get("risk", ""), Risk),
            language=language if LANGUAGE.fullmatch(language) else "",
            tag=" ".join(query.get("tag", "").replace("\x00", "").split())[:40],
        ),
        query.get("after", "")[:LONGEST_KEY],
        query.get("before", "")[:LONGEST_KEY],
    )


def narrowed_to(state: State, known: Mapping[str, list[tuple[str, str]]]) -> str:
    """What narrows a list down, in the words of its choices; "" when nothing does."""
    asked = state.query()
    found = [words for name, options in known.items() for value, words in options if value == asked.get(name)]
    if state.filters.tag:
        found.append(f"tag “{state.filters.tag}”")
    return ", ".join(found) or ("something that is not known here" if state.filters.active else "")


def _one_of(value: str, known: Any) -> str:
    return value if value in {one.value for one in known} else ""


def choices(people: Any) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to: (value, words)."""
    return {
        "stage": [(stage.value, words) for stage, words in wording.STAFF_STAGES.items()],
        "risk": [(risk.value, words) for risk, words in wording.RISKS.items()],
        "language": [(one.code, i18n.english_name(one.code)) for one in i18n.languages()],
        "holder": [(str(person.id), person.name) for person in people],
    }
