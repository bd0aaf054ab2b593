"""Letters as residents read them: every kind, in every language, for every landlord."""

import itertools
import re
from dataclasses import fields, replace

import lxml.html
import pytest

from shared import i18n
from shared.catalogues import compile_stale
from shared.config import ROOT
from shared.letters import clarity, gate, render
from shared.letters.facts import Words
from shared.letters.required import ALWAYS
from shared.vocab import LetterKind
from tests.support.letters import FILLER, LANDLORDS, bare, filler_catalogues, full, languages_in, rows

KINDS = list(LetterKind)
BLANK_AFTER_FULL_WIDTH = re.compile("[。？！：；，][ \t]+")
TEMPLATES = ROOT / "templates" / "letters"


@pytest.fixture(scope="module", autouse=True)
def catalogues():
    compile_stale()


@pytest.fixture(scope="module")
def filler(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translations")
    filler_catalogues(folder)
    with languages_in(folder):
        yield folder


def tree(finished):
    return lxml.html.fragment_fromstring(finished.body_html)


@pytest.mark.parametrize("slug", LANDLORDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_full_letter_passes_its_gate_in_every_language(kind, slug):
    for language in i18n.languages():
        facts = full(kind, slug, language=language.tag)
        finished = render.letter(facts)
        assert gate.check(finished, facts, rows(kind, slug)) == []
        assert gate.advice(finished, facts, rows(kind, slug)) == []
        assert (finished.language, finished.direction) == (language.tag, language.direction)
        assert facts.reference in finished.title
        assert facts.reference in finished.text
        assert not BLANK_AFTER_FULL_WIDTH.findall(finished.text), "a full-width stop brings its own room"


def test_every_kind_has_its_template_and_every_template_its_kind():
    assert {path.stem for path in TEMPLATES.glob("[!_]*.html")} == {kind.value for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_compulsory_wording_survives_every_template(kind):
    finished = render.letter(bare(kind))
    for always in ALWAYS:
        assert gate.present(finished, always.part), always.part
    source = (TEMPLATES / f"{kind.value}.html").read_text()
    assert source.startswith('{% extends "letters/_base.html" %}')
    assert re.findall(r"{% block (\w+)", source) == ["title", "body"]


def test_a_template_that_says_nothing_still_carries_the_compulsory_wording():
    facts = bare(LetterKind.PROGRESS)
    empty = render._environment("en").from_string(
        '{% extends "letters/_base.html" %}{% block title %}x{% endblock %}{% block body %}{% endblock %}'
    )
    article = empty.render(
        letter=facts,
        landlord=facts.landlord,
        ombudsman=facts.ombudsman,
        language="en",
        direction="ltr",
        awaits_translation=False,
        in_wanted_language=True,
        language_offers=[],
    )
    parts = render._parts(lxml.html.fragment_fromstring(article))
    wanted = {
        "landlord",
        "recipient",
        "sent_date",
        "reference",
        "adjustments_question",
        "languages",
        "may_be_helped",
    }
    wanted |= {
        "landlord_contact",
        "ombudsman_right",
        "ombudsman_form",
        "ombudsman_phone",
        "ombudsman_post",
        "signed",
    }
    assert wanted <= parts.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_ours_escapes_translation(kind, filler):
    """With filler for a catalogue, Latin letters left in an Arabic letter never saw gettext."""
    facts = full(kind, language="ar")
    own = {
        field.name: Words("شكوى", "ar")
        for field in fields(facts)
        if isinstance(getattr(facts, field.name), Words)
    }
    article = tree(render.letter(replace(facts, **own)))
    for apart in article.xpath(".//bdi | .//*[@lang] | .//time | .//a"):
        apart.drop_tree()
    assert re.findall(r"[A-Za-z]{2,}", article.text_content()) == []


@pytest.mark.parametrize("code", FILLER)
def test_a_letter_speaks_the_residents_language_and_marks_what_does_not(code, filler):
    tag = code.replace("_", "-")
    finished = render.letter(full(LetterKind.RESPONSE_1, language=tag, own_words=None))
    assert (finished.language, finished.direction) == (tag, i18n.language(code).direction)
    assert "translation_awaited" in finished.parts
    reasons = tree(finished).xpath(".//*[@data-part='reasons']/div")[0]
    assert (reasons.get("lang"), reasons.get("dir")) == ("en", "ltr")
    # The days are written in the language, with 0-9 digits, and a program can read them too.
    day = tree(finished).xpath(".//time[@data-part='received_on']")[0]
    assert day.get("datetime") == "2026-11-16"
    assert "2026" in day.text
    assert not re.search(r"[A-Z]onday|November", day.text)


def test_a_recorded_translation_stands_with_the_original(filler):
    decision = Words("We agree.", "en", translation="شكوى منزل")
    facts = full(LetterKind.RESPONSE_1, language="ar", decision=decision)
    told = tree(render.letter(facts)).xpath(".//*[@data-part='decision']")[0]
    assert told[0].text_content() == "شكوى منزل"
    assert (told[1].get("lang"), told[1].text_content().strip()) == ("en", "We agree.")
    assert told[1].get("data-untranslated") is None


def test_a_language_without_a_catalogue_gets_an_english_letter_that_says_so():
    finished = render.letter(full(LetterKind.RECEIPT, language="so"))
    assert (finished.language, finished.direction) == ("en", "ltr")
    assert "translation_awaited" not in finished.parts


def test_a_catalogue_that_was_not_compiled_is_refused(tmp_path):
    (tmp_path / "cy" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "cy" / "LC_MESSAGES" / "messages.po").write_text('msgid ""\nmsgstr ""\n')
    with languages_in(tmp_path), pytest.raises(render.CatalogueNotCompiled, match="make compile"):
        render.letter(full(LetterKind.RECEIPT, language="cy"))


def test_other_languages_are_offered_in_their_own_words(filler):
    article = tree(render.letter(full(LetterKind.RECEIPT, language="ur")))
    offers = {offer.get("lang"): offer for offer in article.xpath(".//section/p[@lang]")}
    assert offers.keys() == {"ar", "bn", "en", "fa", "hi", "pl", "zh-Hant"}
    assert offers["ar"].get("dir") == "rtl"
    assert [number.text for number in offers["ar"].xpath(".//bdi[@dir='ltr']")] == ["0303 333 0101"]


def test_a_landlords_own_sentence_about_its_languages_comes_first():
    facts = full(LetterKind.RECEIPT)
    sentence = Words("إذا كنت بحاجة إلى هذه الوثيقة بلغتك، يرجى الاتصال بنا على 0303 333 0101", "ar")
    said = render.letter(replace(facts, landlord=replace(facts.landlord, language_lines=(sentence,))))
    offers = tree(said).xpath(".//section/p[@lang='ar']")
    assert [offer.text_content() for offer in offers] == [sentence.text]


def test_what_people_write_is_never_markup_and_never_a_part():
    attack = Words(
        '<b data-part="ombudsman">x</b>{{ letter }}{% endblock %}</article><script>alert(1)</script>'
    )
    finished = render.letter(
        full(LetterKind.RECEIPT, own_words=attack, recipient_name="<i>O'Brien</i> & \x07son")
    )
    article = tree(finished)
    assert not article.xpath(".//script | .//b | .//i")
    assert attack.text in finished.text
    assert article.xpath(".//address")[0].text_content().startswith("<i>O'Brien</i> & son")


@pytest.mark.parametrize("kind", KINDS)
def test_the_body_carries_no_style_and_no_script(kind):
    body = render.letter(full(kind)).body_html
    assert not re.search(r"<(?:style|script|link)\b|\sstyle=|\son\w+=", body)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sent_opens_again_as_it_was(kind):
    finished = render.letter(full(kind))
    assert render.reopen(finished.html) == finished
    assert len(finished.digest) == 64


def test_inside_a_page_the_letter_leaves_the_first_heading_to_the_page():
    attack = Words("<h1>x</h1>")
    page = render.inside_page(render.letter(full(LetterKind.RESPONSE_1, decision=attack)))
    assert re.findall(r"<h([1-6])", page)[0] == "2"
    assert "<h1" not in page
    assert "&lt;h1&gt;x&lt;/h1&gt;" in page


def test_inside_a_page_each_cell_can_stand_below_its_own_head():
    page = render.inside_page(render.letter(full(LetterKind.RESPONSE_1)))
    tables = list(lxml.html.fragment_fromstring(page).iter("table"))
    assert tables
    for table in tables:
        heads = [head.text_content() for head in table.findall("./thead/tr/th")]
        for row in table.findall("./tbody/tr"):
            assert [cell.get("data-head") for cell in row] == heads


def test_plain_text_measures_chinese_as_it_is_wide(filler):
    text = render.letter(full(LetterKind.RESPONSE_1, language="zh_Hant")).text
    title, rule = next(pair for pair in itertools.pairwise(text.splitlines()) if set(pair[1]) == {"="})
    assert len(title) < len(rule) <= 2 * len(title)


def test_a_document_that_is_no_letter_is_refused():
    with pytest.raises(ValueError, match="no letter"):
        render.reopen("<html><body><p>Hello</p></body></html>")


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_wording_can_be_read_at_eleven(kind):
    assert clarity.reading_age(render.letter(full(kind)).text) <= clarity.READING_AGE
    assert clarity.notes(full(kind)) == []


def test_plain_text_isolates_numbers_only_where_directions_mix(filler):
    english = render.letter(full(LetterKind.RESPONSE_1)).text
    arabic = render.letter(full(LetterKind.RESPONSE_1, language="ar")).text
    before_offers = english.split("Making this work")[0]
    assert not re.search("[\u2066-\u2069]", before_offers)
    assert "\u2066RED-2026-00042\u2069" in arabic
    assert "\u2066£1,250.00\u2069" in arabic
    assert arabic.count("\u2069") == len(re.findall("[\u2066-\u2068]", arabic))
    consent = render.letter(
        full(LetterKind.CONSENT, language="ar", consent_link="https://x.example/ar/consent/T0")
    )
    assert "\u200ehttps://x.example/ar/consent/T0\n" in consent.text, "no mark becomes part of an address"


def test_a_landlord_without_a_telephone_leaves_no_gap():
    facts = full(LetterKind.RECEIPT, "housing-services")
    facts = replace(facts, landlord=replace(facts.landlord, phone="", email="", web=""))
    finished = render.letter(facts)
    assert gate.check(finished, facts, rows(LetterKind.RECEIPT, "housing-services")) == []
    assert "Call us on" not in finished.text


def test_a_letter_to_somebody_without_a_name_still_greets_them():
    facts = full(LetterKind.RECEIPT, recipient_name="", resident_name="")
    finished = render.letter(facts)
    assert "\nHello\n" in finished.text
    assert [miss.part for miss in gate.check(finished, facts, rows(LetterKind.RECEIPT))] == []


def test_the_access_code_is_only_on_a_receipt_and_only_when_asked_for():
    for kind in KINDS:
        shown = "ABCD-1234" in render.letter(full(kind, access_code="ABCD-1234")).text
        assert shown == (kind is LetterKind.RECEIPT)
    assert "access_code" not in render.letter(full(LetterKind.RECEIPT)).parts


def test_somebody_outside_the_ombudsmans_remit_is_told_where_else_to_go():
    finished = render.letter(full(LetterKind.NOT_ACCEPTED, in_remit=False))
    assert "Citizens Advice" in finished.parts["independent_advice"]
    assert "ombudsman_may_instruct" not in finished.parts
    assert "ombudsman_form" in finished.parts
