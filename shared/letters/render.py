"""From facts to a finished letter: HTML in the resident's language, and everything that is read out of it.

The HTML is the letter. Its parts (for the gate), its plain text (for e-mail) and its PDF are all read out of
that one document, so they can never say different things; what was sent is stored as this HTML and opened
again with `reopen`, never rendered a second time.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

import lxml.html
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from lxml.html import HtmlElement
from markupsafe import Markup, escape

from shared import compiled, i18n
from shared.config import ROOT
from shared.letters import pdf as pdf_module
from shared.letters import text as text_module
from shared.letters.facts import LetterFacts, Words
from shared.vocab import Channel, LetterKind

TEMPLATES = ROOT / "templates"
# The sentence of _base.html that offers help in a language, written once in each of the others.
_OFFER = "We can give you this letter in your language, or read it to you."
_CALL = "Call us on %(number)s."
_IN_A_ROW = "%(first)s %(second)s"  # as i18n.sentence_gap has it
_ANSWERS = {LetterKind.RESPONSE_1, LetterKind.RESPONSE_2}
# Characters that HTML and PDF cannot hold; people paste them from word processors without knowing.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_NUMBER = re.compile(r"(\+?\(?\d[\d ()/-]{4,}\d)")  # one group, so that split keeps the numbers


class CatalogueNotCompiled(RuntimeError):
    """A language has a folder in translations/ but no compiled catalogue; the message says how to make it."""


@dataclass(frozen=True, slots=True)
class FinishedLetter:
    """A letter as it leaves the building."""

    html: str
    """The whole document, with its styles: stored, sent by e-mail, offered for download."""
    body_html: str
    """The `<article>` alone, without styles, for a page that brings its own."""
    text: str
    """The same words as plain text."""
    parts: Mapping[str, str]
    """What it contains, by part name. A part of an item is there twice: `reasons`, `point.1.reasons`."""
    digest: str
    """SHA-256 of `html`, in hexadecimal: proves that what is stored is what was sent."""
    title: str
    language: str
    """BCP 47; English when translations/ has no catalogue for what the facts ask for."""
    direction: str


def letter(facts: LetterFacts) -> FinishedLetter:
    """Write the letter that the facts describe, in the resident's language, never the officer's.

    Needs no application context. Raises CatalogueNotCompiled when the language's catalogue was not built.
    """
    spoken = _language(facts.language)
    environment = _environment(spoken.code)
    template = environment.get_template(f"letters/{facts.kind.value}.html")
    values: dict[str, object] = {
        "letter": facts,
        "landlord": facts.landlord,
        "ombudsman": facts.ombudsman,
        "language": spoken.tag,
        "direction": spoken.direction,
        "answered": facts.kind in _ANSWERS,
        "in_wanted_language": _same_language(spoken.tag, facts.language),
        "awaits_translation": False,
        "language_offers": _language_offers(facts, spoken),
    }
    article = template.render(values)
    if "data-untranslated" in article:
        article = template.render(values | {"awaits_translation": True})
    article = _UNPRINTABLE.sub("", article).strip()
    tree = lxml.html.fragment_fromstring(article)
    title = f"{_words(tree.find('.//h1'))} ({facts.reference})"
    values |= {"title": title, "article": Markup(article)}  # noqa: S704 - our own template made it, escaped
    return reopen(environment.get_template("letters/_page.html").render(values).strip() + "\n")


def reopen(html: str) -> FinishedLetter:
    """Read a stored letter again, exactly as it was sent. Raises ValueError when it is not one of ours."""
    document = lxml.html.document_fromstring(html)
    article = document.find(".//article")
    if article is None:
        raise ValueError("this document holds no letter")
    begin, end = html.index("<article"), html.index("</article>") + len("</article>")
    return FinishedLetter(
        html=html,
        body_html=html[begin:end],
        text=text_module.plain(article),
        parts=MappingProxyType(_parts(article)),
        digest=hashlib.sha256(html.encode()).hexdigest(),
        title=document.findtext(".//title") or "",
        language=document.get("lang", i18n.SOURCE),
        direction=document.get("dir", "ltr"),
    )


def pdf(finished: FinishedLetter, large_print: bool = False) -> bytes:
    """The letter as a tagged PDF (PDF/UA-1), 12 point, or 18 in large print. Raises pdf.FontsMissing."""
    document = lxml.html.document_fromstring(finished.html)
    article = document.find(".//article")
    if article is None:
        raise ValueError("this document holds no letter")
    return pdf_module.typeset(article, title=finished.title, large_print=large_print)


def inside_page(finished: FinishedLetter, *, titled: bool = True) -> Markup:
    """The letter for a page of ours: its headings one level down, since the page has its own h1.

    `titled` is false where that h1 is the letter's own: it would be read twice, and all the rest stands below it
    already. What is left is no article by itself.
    """
    tree = lxml.html.fragment_fromstring(finished.body_html)
    if not titled:
        tree.tag = "div"
        for heading in tree.findall(".//h1"):
            heading.drop_tree()
    for level in (4, 3, 2, 1) if titled else ():
        for heading in tree.iter(f"h{level}"):
            heading.tag = f"h{level + 1}"
    for table in tree.iter("table"):
        _name_cells(table)
    markup = lxml.html.tostring(tree, encoding="unicode").replace("</wbr>", "")  # libxml2 takes it for a pair
    return Markup(markup)  # noqa: S704 - our own templates made it, and escaped what people wrote


def _name_cells(table: HtmlElement) -> None:
    """Each cell carries the head of its column, which a phone shows above it: columns would be a word wide."""
    heads = [_words(head) for head in table.findall("./thead/tr/th")]
    for row in table.findall("./tbody/tr"):
        for cell, head in zip(row, heads, strict=False):
            cell.set("data-head", head)


# Reading the finished letter -------------------------------------------------------------------------------


def _words(element: HtmlElement | None) -> str:
    return " ".join(element.text_content().split()) if element is not None else ""


def _parts(article: HtmlElement) -> dict[str, str]:
    """Every named part with real text in it: a heading over nothing, or a lone dash, is no part."""
    found: dict[str, list[str]] = {}
    for element in article.iter():
        name = element.get("data-part")
        text = _words(element)
        if not name or not any(character.isalnum() for character in text):
            continue
        found.setdefault(name, []).append(text)
        item = next((up.get("data-item") for up in element.iterancestors() if up.get("data-item")), None)
        if item:
            found.setdefault(f"{item}.{name}", []).append(text)
    return {name: "\n".join(texts) for name, texts in found.items()}


# Languages -------------------------------------------------------------------------------------------------


def _language(wanted: str) -> i18n.Language:
    """The catalogue to write in; English where there is none, rather than English passed off as Arabic."""
    for code in (wanted, wanted.replace("_", "-").split("-")[0]):
        try:
            return i18n.language(code)
        except LookupError:
            continue
    return i18n.Language(i18n.SOURCE, i18n.SOURCE, "English", "ltr", Locale.parse("en_GB"), True)


def _language_offers(facts: LetterFacts, spoken: i18n.Language) -> list[Words]:
    """One sentence in every other language that says whom to call for help: the landlord's own, else ours."""
    offers = {words.language: words for words in facts.landlord.language_lines if words}
    for other in i18n.languages():
        if any(_same_language(other.tag, known) for known in offers):
            continue
        catalogue, phone = _catalogue(other.code), facts.landlord.phone
        if catalogue.gettext(_OFFER) != _OFFER or other.code == i18n.SOURCE:
            call = _gap(catalogue) + catalogue.gettext(_CALL) % {"number": phone} if phone else ""
            offers[other.tag] = Words(catalogue.gettext(_OFFER) + call, other.tag)
    return [words for tag, words in offers.items() if not _same_language(tag, spoken.tag)]


def _gap(catalogue: NullTranslations) -> str:
    """What stands between two sentences: i18n.sentence_gap, which asks an application for its language."""
    return catalogue.gettext(_IN_A_ROW) % {"first": "", "second": ""}


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def _same_language(one: str, other: str) -> bool:
    """Whether somebody who reads one reads the other: en and en-GB, but not zh-Hant and zh-Hans."""
    first, second = _locale(one), _locale(other)
    if first is None or second is None:
        return one == other
    scripts = {first.script, second.script} - {None}
    return first.language == second.language and len(scripts) < 2


# The workshop: one Jinja environment a language ------------------------------------------------------------


@cache
def _catalogue(code: str) -> NullTranslations:
    """The texts of one language; English is what the templates are written in and needs none."""
    translations = Translations.load(i18n.FOLDER, [code])
    if not isinstance(translations, Translations) and code != i18n.SOURCE:
        raise CatalogueNotCompiled(f"translations/{code} is not compiled: run `make compile`")
    return translations


@cache
def _environment(code: str) -> Environment:
    spoken = _language(code)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=compiled.bytecode_cache("letters"),
    )
    translations = _catalogue(spoken.code)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["gap"] = lambda: _gap(translations)
    environment.tests["this_language"] = lambda tag: _same_language(tag, spoken.tag)
    environment.filters |= {
        "day": lambda value, part="": _day(value, spoken, part),
        "money": _money,
        "ltr": _ltr,
        "name": lambda value: Markup("<bdi>{}</bdi>").format(value),
        "english": lambda value: _english(value, spoken),
        "label": lambda value: _label(value, spoken, translations.gettext(value)),
        "way": _way,
        "link": _link,
        "lang_dir": _lang_dir,
        "paragraphs": _paragraphs,
        "upright": _upright,
        "dialled": lambda number: re.sub(r"[^0-9+]", "", number),
        "full_address": lambda address: address if re.match(r"https?://", address) else f"https://{address}",
        "shown_address": lambda address: _breaking(re.sub(r"^https?://", "", address).rstrip("/")),
        "breaking": _breaking,
    }
    return environment


def _named(part: str) -> Markup:
    return Markup(' data-part="{}"').format(part) if part else Markup("")


def _day(value: date, spoken: i18n.Language, part: str) -> Markup:
    """The day in words with its weekday and year, and in a form that a program can read."""
    words = format_date(value, "full", locale=spoken.locale)
    if spoken.code == i18n.SOURCE:
        words = words.replace(",", "")
    return Markup('<time datetime="{}"{}>{}</time>').format(value.isoformat(), _named(part), words)


def _money(pence: int, part: str = "") -> Markup:
    return _ltr(i18n.money_text(pence), part)


def _ltr(value: str, part: str = "") -> Markup:
    """References, numbers and addresses read from left to right in every language."""
    return Markup('<bdi dir="ltr"{}>{}</bdi>').format(_named(part), value)


def _upright(text: str) -> Markup:
    """Text with its telephone numbers isolated: in Arabic, 0303 333 0101 would be shown as 0101 333 0303."""
    pieces = _NUMBER.split(text)
    return Markup("").join(_ltr(piece) if odd % 2 else escape(piece) for odd, piece in enumerate(pieces))


def _link(address: str, part: str = "") -> Markup:
    return Markup('<a href="{}"{}>{}</a>').format(address, _named(part), _ltr(_breaking(address)))


def _breaking(address: str) -> Markup:
    """An address that may go on in the next line after a stroke or an @, rather than anywhere in a word."""
    return Markup("<wbr>").join(re.split(r"(?<=[/@])(?=[^/])", address))


def _english(value: str, spoken: i18n.Language) -> Markup:
    """A postal address or a name that stays English in every language."""
    if spoken.code == i18n.SOURCE:
        return escape(value)
    return Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(value)


def _label(value: str, spoken: i18n.Language, translated: str) -> Markup:
    """A short text from a landlord's file: in the reader's language where the catalogue knows it."""
    return escape(translated) if translated != value else _english(value, spoken)


def _lang_dir(tag: str) -> Markup:
    """The attributes that say in which language and direction a passage is written."""
    locale = _locale(tag)
    if locale is None:
        return Markup('dir="auto"')
    return Markup('lang="{}" dir="{}"').format(tag.replace("_", "-"), locale.text_direction)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if part.strip()]


@pass_context
def _way(context: Context, channel: Channel) -> str:
    """How a resident asked to be reached, in their language."""

    def _(words: str) -> str:
        return str(context.call(context.resolve("gettext"), words))

    ways = {
        Channel.PORTAL: _("online"),
        Channel.EMAIL: _("by e-mail"),
        Channel.PHONE: _("by phone"),
        Channel.LETTER: _("by letter"),
        Channel.IN_PERSON: _("in person"),
        Channel.VISIT: _("by visiting you at home"),
        Channel.TEXT: _("by text message"),
        Channel.WHATSAPP: _("by WhatsApp"),
        Channel.VOICEMAIL: _("by voice message"),
        Channel.SOCIAL_MEDIA: _("by private message"),
    }
    return ways[channel]
