"""The house rules for pages, held by reading the routes, the templates, the styles and the scripts."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from shared.config import ROOT, Config
from shared.identity.roles import Permission
from shared.web import access
from wsgi import create_app

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.scss"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
PYTHON = sorted(p for side in ("portal", "staff", "shared") for p in (ROOT / side).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(Config(environment="test", data_dir=tmp_path_factory.mktemp("data")))


# Routes -----------------------------------------------------------------------------------------------------


def test_every_view_says_who_may_open_it(app: Flask) -> None:
    unmarked = [e for e, view in app.view_functions.items() if access.mark_of(view) is None]
    assert unmarked == [], "give each view @public, @resident or @staff()"


def test_each_side_marks_its_views_for_its_people(app: Flask) -> None:
    wrong = []
    for endpoint, view in app.view_functions.items():
        mark = access.mark_of(view)
        if mark and (endpoint.split(".")[0], mark.side) in {("portal", "staff"), ("staff", "resident")}:
            wrong.append(endpoint)
    assert wrong == []


def test_every_permission_is_asked_for_somewhere() -> None:
    """One that nothing asks for stands in the table of roles as a thing that somebody may do, and is none."""
    tables = {"shared/identity/roles.py", "staff/roles.py"}
    rest = "".join(path.read_text(encoding="utf-8") for path in PYTHON if name(path) not in tables)
    asked = set(re.findall(r"\b(?:Permission|P)\.([A-Z_]+)", rest))
    assert {permission.name for permission in Permission} - asked == set()


def test_addresses_are_typed_and_in_kebab_case(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.-]*", fixed), f"{rule.rule}: small letters, digits and hyphens"
        for argument in re.findall(r"<([^>]+)>", rule.rule):
            assert ":" in argument, f"{rule.rule}: say what kind <{argument}> is, such as <int:{argument}>"


def test_residents_addresses_name_the_language_and_staff_addresses_do_not(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        side = rule.endpoint.split(".")[0]
        if side == "staff":
            assert rule.rule.startswith("/staff"), rule.rule
            assert "language" not in rule.rule, rule.rule


# Templates --------------------------------------------------------------------------------------------------

FORBIDDEN = {
    r"\sstyle\s*=": "no inline styles: the policy forbids them",
    r"<style": "no style elements: use static/css",
    r"<script(?![^>]*\ssrc=)": "no inline scripts: use static/js",
    r"\son[a-z]+\s*=\s*[\"']": "no event attributes: use static/js",
    r"hx-on": "htmx cannot run hx-on under our policy: the action would be lost without a word",
    r"hx-vars|\bjs:": "htmx must not evaluate anything",
    r"hx-trigger\s*=\s*[\"'][^\"']*\[": "a filter is dropped under our policy and the request still goes out",
    r"hx-boost": "keeps the old lang and dir on <html>",
    r"hx-disabled-elt": "the focus falls to the body: use hx-sync on the form",
    r"\|\s*safe\b": "escape: nothing is safe because we say so",
    r"<(?:input|select|textarea)[^>]*\srequired": "the server says what is missing, in the reader's language",
    r"tabindex\s*=\s*[\"'][1-9]": "no positive tabindex",
    r"target\s*=\s*[\"']_blank": "no new windows",
    r"href\s*=\s*[\"']javascript:": "no script addresses",
    r"maxlength": "never cut somebody off: say how much too long it is",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates(path: Path) -> None:
    markup = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # Letters and e-mails leave the service: mail programs know no stylesheet of ours.
    outside = path.relative_to(ROOT / "templates").parts[0] in {"letters", "email"}
    for pattern, reason in FORBIDDEN.items():
        if outside and "style" in pattern:
            continue
        found = re.search(pattern, markup)
        assert not found, f"{name(path)}: {found.group(0)!r}: {reason}"


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.name.startswith("_")], ids=name)
def test_a_fragment_has_the_id_that_its_file_names(path: Path) -> None:
    """htmx finds what it replaces by the name of the file, so nobody has to look it up."""
    if path.stem in {"_base", "_layout"} or path.parent.name in {"letters", "email"}:
        return
    markup = path.read_text(encoding="utf-8")
    if "macro" in markup and "<" not in re.sub(
        r"\{%-?\s*macro.*?endmacro\s*-?%\}", "", markup, flags=re.DOTALL
    ):
        return
    assert f'id="{path.stem}"' in markup, f"{name(path)}: its root element needs id={path.stem!r}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_imports_what_it_does_not_use(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    for imported in tree.find_all(nodes.FromImport):
        for one in imported.names:
            alias = one[1] if isinstance(one, tuple) else one
            uses = len(re.findall(rf"\b{re.escape(alias)}\b", source))
            assert uses > 1, f"{name(path)} imports {alias} and does not use it"


def test_templates_stay_small() -> None:
    too_long = {name(p): n for p in TEMPLATES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 220}
    assert too_long == {}, "split them into fragments"


def test_only_render_speaks_htmx() -> None:
    speakers = [name(p) for p in PYTHON if "HX-" in p.read_text(encoding="utf-8")]
    assert speakers == ["shared/web/render.py"]


def test_no_markup_is_put_together_outside_the_filters() -> None:
    """Markup("...") switches escaping off; the few places that may do so can be read in one sitting."""
    allowed = {"shared/web/filters.py", "shared/web/fields.py", "shared/letters/render.py"}
    makers = {name(p) for p in PYTHON if re.search(r"\bMarkup\(", p.read_text(encoding="utf-8"))}
    assert makers <= allowed


# Styles and scripts -----------------------------------------------------------------------------------------


def test_every_component_that_templates_use_is_built_with_its_style_and_script() -> None:
    """The build takes only what is named, so that a first visit stays light."""
    markup = "".join(p.read_text(encoding="utf-8") for p in TEMPLATES)
    used = set(re.findall(r"govuk_frontend_jinja/components/([\w-]+)/macro", markup))
    styles = (ROOT / "static" / "css" / "app.scss").read_text(encoding="utf-8")
    styled = set(re.findall(r"dist/govuk/components/([\w-]+)\"", styles))
    assert used - styled == set(), "name them in static/css/app.scss"
    script = (ROOT / "static" / "js" / "app.js").read_text(encoding="utf-8")
    started = set(re.search(r"COMPONENTS = \[([^\]]*)\]", script)[1].split(", "))  # type: ignore[index]
    parts = ROOT / "node_modules" / "govuk-frontend" / "dist" / "govuk" / "components"
    names = {one: "".join(word.title() for word in one.split("-")) for one in used}
    # File uploads stay plain: ours has a queue of its own (static/js/upload.js).
    scripted = {names[one] for one in used if (parts / one / f"{one}.mjs").exists()} - {"FileUpload"}
    assert scripted - started == set(), "name them in static/js/app.js"


PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin)-(?:left|right)|(?:left|right)\s*:|float\s*:|"
    r"text-align\s*:\s*(?:left|right)|(?:min-|max-)?(?:width|height)\s*:)"
)


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_styles_know_no_left_and_right(path: Path) -> None:
    text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), 1):
        assert not PHYSICAL.search(line), f"{name(path)}:{number}: {line.strip()!r}: use the logical property"


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_write_no_markup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert word not in text, f"{name(path)} uses {word}"


def colours() -> dict[str, str]:
    text = (ROOT / "static" / "css" / "_palette.scss").read_text(encoding="utf-8")
    return dict(re.findall(r"^\$([\w-]+):\s*#([0-9a-fA-F]{6})", text, re.MULTILINE))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_texts_can_be_read_on_their_ground() -> None:
    """WCAG 1.4.3 (4.5:1 for text) and 1.4.11 (3:1 for lines and marks)."""
    known = colours()
    pairs = [(key.removesuffix("-text"), key) for key in known if key.endswith("-text")]
    pairs += [("focus", "text"), ("mark", "text"), ("paper", "text"), ("ground", "text")]
    assert len(pairs) >= 6
    for ground, ink in pairs:
        assert contrast(known[ground], known[ink]) >= 4.5, f"{ink} on {ground}"
    for ink in ("quiet", "brand", "link", "link-hover"):
        for ground in ("paper", "ground"):
            assert contrast(known[ink], known[ground]) >= 4.5, f"{ink} on {ground}"
    for mark in ("line", "kept"):
        assert contrast(known[mark], known["paper"]) >= 3


def test_each_colour_of_pages_has_one_name() -> None:
    hexes = re.compile(r"(?<![&\w])#[0-9a-fA-F]{3,8}\b")
    loose = [name(path) for path in STYLES if path.stem != "_palette" and hexes.search(path.read_text())]
    assert loose == [], "give the colour a name in static/css/_palette.scss"
    layout = (ROOT / "templates" / "shared" / "_layout.html").read_text()
    assert f'name="theme-color" content="#{colours()["brand"]}"' in layout
