"""What every template may count on: language, landlord, addresses of home and of the other languages."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, request, url_for
from flask.templating import Environment
from flask_babel import gettext

from shared import i18n
from shared.web import fields
from shared.web.landlord import landlord


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """One line of the language switcher: this page in another language, under that language's own name."""

    code: str
    tag: str
    name: str
    direction: str
    url: str
    current: bool


def language_choices() -> list[LanguageChoice]:
    """This page in every language; empty on pages whose address names no language (the staff side)."""
    named = i18n.of_path(request.path)
    if named is None and (request.url_rule is not None or request.path.startswith("/staff")):
        return []
    shown = i18n.current()
    return [
        LanguageChoice(
            one.code,
            one.tag,
            one.name,
            one.direction,
            this_page_in(one) if named else f"/{one.tag}/",
            one == shown,
        )
        for one in i18n.languages()
    ]


def this_page_in(language: i18n.Language) -> str:
    """The address of the page being read, in another language; of pages whose address names one."""
    rest = quote(request.path.lstrip("/").partition("/")[2])  # what comes decoded may hold a backslash
    query = f"?{request.query_string.decode(errors='replace')}" if request.query_string else ""
    return f"/{language.tag}/{rest}{query}"


def staff_side() -> bool:
    """True on addresses of the staff side, also where no page matched."""
    return request.path == "/staff" or request.path.startswith("/staff/")


def home_url() -> str:
    """Where the landlord's name in the header leads: the first page of the side that the reader is on."""
    endpoint = "staff.home" if staff_side() else "portal.start"
    return url_for(endpoint) if endpoint in current_app.view_functions else "/"


def base() -> str:
    """The layout of pages that belong to no side, such as error pages: that of the reader's side, if it is here."""
    side = "staff" if staff_side() else "portal"
    return f"{side}/_base.html" if side in current_app.blueprints else "shared/_layout.html"


class Templates(Environment):
    """Flask's templates with what all of them know in a plain dictionary.

    Jinja chains dictionaries, and compares the whole chain whenever a template brings in a macro: a hundred
    times for one page of a list.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows besides what it is given."""
        return {**self.globals, **(d or {})}


def init_app(app: Flask) -> None:
    """Give every page of an application its language, landlord, switcher and component kit."""
    app.jinja_env.globals["kit"] = fields

    @app.context_processor
    def about_this_page() -> dict[str, Any]:
        who = landlord()
        return {
            "language": i18n.current(),
            "language_choices": language_choices(),
            "landlord": who,
            "home_url": home_url(),
            "base": base,
            "service_name": "Redress"
            if staff_side()
            else gettext("Complaints – %(landlord)s", landlord=who.name),
        }
