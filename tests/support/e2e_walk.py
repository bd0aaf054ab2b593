"""Follow every link of a side of the service, as somebody with nothing else to do, and look at every page."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs, urlsplit

from tests.support.e2e_checks import address_key
from tests.support.e2e_people import Person

# What is kept or shown by itself rather than as a page of ours; fetched, but not looked at.
FILES = re.compile(r"\.(pdf|txt|svg|csv|json|ics|zip)$|/files/\d+$|/receipt/copy$")
HREFS = "() => [...document.querySelectorAll('a[href]')].map(e => e.href)"


def walk(person: Person, starts: Iterable[str], within: Callable[[str], bool]) -> set[str]:
    """Open the starts, then every page that a link on the way leads to; returns the paths that were opened.

    `within` says of a path whether it belongs to the walk. Of many addresses that differ only by a number or a
    reference one is opened. A link that leads nowhere fails.
    """
    waiting = list(starts)
    met = {_kind(address) for address in waiting}
    opened = set()
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        opened.add(path)
        if FILES.search(path):
            answer = person.page.context.request.get(person.service.url + address)
            assert answer.ok, f"{address}: {answer.status}, linked from a page"
            continue
        answer_of_page = person.page.goto(person.service.url + address)
        assert answer_of_page is not None
        assert answer_of_page.ok, f"{address}: {answer_of_page.status}, linked from a page"
        person.looks()
        for href in person.page.evaluate(HREFS):
            if not href.startswith(person.service.url + "/") or not within(urlsplit(href).path):
                continue
            found = href.removeprefix(person.service.url).partition("#")[0]
            if _kind(found) not in met:
                met.add(_kind(found))
                waiting.append(found)
    return opened


def _kind(address: str) -> tuple[str, str]:
    """Lists are opened each by itself, since each asks the database in its own way."""
    return address_key(address), parse_qs(urlsplit(address).query).get("tab", [""])[0]
