"""A test client that behaves like a browser and looks at every answer like a strict reader.

Every answer must carry the security headers; every HTML answer is parsed strictly and checked: one h1, a
title that begins with it, unique ids, a name for every control, language and direction, a token in every form
that posts, no inline script or style. Forms are sent as browsers do: fetched first, with token and defaults.
"""

from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support import nu
from tests.support.checks import check_headers, check_html, is_new, words

Data = Mapping[str, Any]

looks_at_pages = True  # a run may leave out what another one has looked at (tests/web/conftest.py)


class Page:
    """One HTML answer that passed the checks."""

    def __init__(self, response: TestResponse, soup: BeautifulSoup) -> None:
        self.response, self.soup = response, soup
        self.status = response.status_code
        self.url = response.request.path + (
            f"?{response.request.query_string.decode()}" if response.request.query_string else ""
        )

    @property
    def text(self) -> str:
        """All visible words, with single spaces."""
        for hidden in self.soup.select("script, style, template"):
            hidden.extract()
        return " ".join(self.soup.get_text(" ").split())

    @property
    def main(self) -> str:
        """The words of the main part."""
        part = self.soup.select_one("main") or self.soup
        return " ".join(part.get_text(" ").split())

    @property
    def h1(self) -> str:
        return words(self.one("h1"))

    @property
    def title(self) -> str:
        return words(self.one("title"))

    @property
    def errors(self) -> list[str]:
        """The sentences of the error summary."""
        return [words(item) for item in self.soup.select(".govuk-error-summary__list li")]

    def one(self, selector: str) -> Tag:
        """The only element that a CSS selector finds; fails on none or several."""
        found = self.soup.select(selector)
        assert len(found) == 1, f"{selector!r} finds {len(found)} elements on {self.url}"
        return found[0]

    def all(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def link(self, text: str) -> str:
        """The address of the link whose words contain `text`."""
        found = [str(a["href"]) for a in self.soup.select("a[href]") if text in words(a)]
        assert found, f"no link {text!r} on {self.url}: {[words(a) for a in self.soup.select('a[href]')]}"
        return found[0]

    def form(self, selector: str = "") -> Tag:
        """The form that a selector finds; without one, the main part's form (or its only form)."""
        forms = self.soup.select(selector or "main form") or self.soup.select("form")
        assert len(forms) == 1, f"{len(forms)} forms on {self.url}: name one, such as form='#question'"
        return forms[0]


class Client(FlaskClient):
    """Flask's client with the checks, plus `page`, `submit` and `fragment`."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Flask's own, and the checks; the body is read at once, so that no file stays open."""
        kwargs.pop("buffered", None)
        if has_app_context():  # held by the test over many requests: one must not reach the next
            for name in list(g):
                g.pop(name)
        response = super().open(*args, buffered=True, **kwargs)
        check_headers(response)
        if is_html(response):
            markup = response.get_data(as_text=True)
            part = "HX-Request" in response.request.headers and not markup.lstrip().startswith("<!DOCTYPE")
            if looks_at_pages and is_new(markup, response.status_code):
                kept = not part and nu.keep(markup, response.request.path)
                check_html(
                    markup,
                    response.request.path,
                    fragment=part,
                    status=response.status_code,
                    strictly=not kept,
                )
        return response

    def page(self, url: str, status: int = 200, **kwargs: Any) -> Page:
        """GET a page, following redirects, and expect a status."""
        response = self.get(url, follow_redirects=True, **kwargs)
        assert response.status_code == status, f"GET {url}: {response.status}, expected {status}"
        return _page(response)

    def fragment(self, url: str, status: int = 200) -> Page:
        """GET as htmx would: the answer is the page's fragment."""
        response = self.get(url, headers={"HX-Request": "true"}, follow_redirects=True)
        assert response.status_code == status, f"GET {url} by htmx: {response.status}, expected {status}"
        return _page(response)

    def submit(
        self,
        url: str,
        data: Data | None = None,
        *,
        form: str = "",
        press: str = "",
        status: int | None = None,
        follow: bool = True,
        htmx: bool = False,
    ) -> Page:
        """Open the page, fill in its form and send it, as a person would.

        data: answers by control name; a list for several boxes; None leaves a control out. form: a CSS
        selector where the page has several. press: the words of the button to press where there are several.
        status: what the answer must be (200 after the redirect by default; 422 for a form with errors).
        """
        return self.send(
            self.page(url), data, form=form, press=press, status=status, follow=follow, htmx=htmx
        )

    def send(
        self,
        page: Page,
        data: Data | None = None,
        *,
        form: str = "",
        press: str = "",
        status: int | None = None,
        follow: bool = True,
        htmx: bool = False,
    ) -> Page:
        """Fill in and send a form of a page that is already open (also one that lay open for long)."""
        element = page.form(form)
        controls = filled(element, page.soup)
        names = {str(c["name"]) for c in _controls(element, page.soup) if c.get("name")}
        strangers = set(data or {}) - names
        assert not strangers, (
            f"the form on {page.url} has no control {sorted(strangers)}; it has {sorted(names)}"
        )
        for name, value in (data or {}).items():
            controls[name] = (
                [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
            )
        button = _button(element, page.soup, press)
        if button is not None and button.get("name"):
            controls[str(button["name"])] = [str(button.get("value", ""))]
        target = str(
            (button.get("formaction") if button is not None else None) or element.get("action") or page.url
        )
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        if htmx:
            headers["HX-Request"] = "true"
        files = any(
            (not isinstance(v, str) and hasattr(v, "read")) or isinstance(v, tuple)
            for vs in controls.values()
            for v in vs
        )
        method = str(element.get("method", "get")).lower()
        if method == "get":
            response = self.get(
                target,
                query_string=controls,
                follow_redirects=follow,
                headers=headers,
            )
        else:
            kind = (
                "multipart/form-data"
                if files or element.get("enctype")
                else "application/x-www-form-urlencoded"
            )
            response = self.post(
                target, data=controls, content_type=kind, follow_redirects=follow, headers=headers
            )
        expected = status or (200 if follow else 303)
        assert response.status_code == expected, (
            f"{method.upper()} {target}: {response.status}, expected {expected}; "
            f"errors: {_page(response).errors if is_html(response) else response.text[:300]}"
        )
        return _page(response)


def is_html(response: TestResponse) -> bool:
    """True for a page that somebody sees; the note inside a redirect is not one."""
    return response.mimetype == "text/html" and bool(response.data) and response.location is None


def _page(response: TestResponse) -> Page:
    return Page(response, BeautifulSoup(response.get_data(as_text=True), "lxml"))


def _controls(form: Tag, soup: BeautifulSoup) -> list[Tag]:
    """The controls that belong to a form: those inside and those that name it."""
    inside = form.select("input, select, textarea, button")
    outside = soup.select(f"[form={form['id']}]") if form.get("id") else []
    return [*inside, *outside]


def filled(form: Tag, soup: BeautifulSoup) -> dict[str, list[Any]]:
    """What a browser would send for a form as it stands."""
    found: dict[str, list[Any]] = {}
    for control in _controls(form, soup):
        name, kind = str(control.get("name") or ""), str(control.get("type") or "text")
        if (
            not name
            or control.has_attr("disabled")
            or control.name == "button"
            or kind in {"submit", "button", "file"}
        ):
            continue
        if kind in {"radio", "checkbox"}:
            values = [str(control.get("value", "on"))] if control.has_attr("checked") else []
        elif control.name == "select":
            options = control.select("option")
            chosen = control.select("option[selected]") or (
                [] if control.has_attr("multiple") else options[:1]
            )
            values = [str(o.get("value", words(o))) for o in chosen]
        elif control.name == "textarea":
            values = [control.get_text().removeprefix("\n")]
        else:
            values = [str(control.get("value", ""))]
        if values:
            found.setdefault(name, []).extend(values)
    return found


def _button(form: Tag, soup: BeautifulSoup, press: str) -> Tag | None:
    buttons = [b for b in _controls(form, soup) if b.name == "button" and b.get("type", "submit") == "submit"]
    if press:
        buttons = [b for b in buttons if press in words(b)]
        assert len(buttons) == 1, f"{len(buttons)} buttons {press!r}"
    return buttons[0] if buttons else None
