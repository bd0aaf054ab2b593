"""Letters on paper: tagged for screen readers, the words of the web page, larger where that was asked."""

import io
import re

import outloud
import pikepdf
import pypdfium2
import pytest

from shared.letters import pdf, render
from shared.letters.facts import Words
from shared.vocab import LetterKind
from tests.support.letters import FILLER, filler_catalogues, full, languages_in

# PDF readers put lam-alef back in the wrong order, so a few Arabic words are never found again.
SHARE = {"ar": 0.75, "fa": 0.85, "ur": 0.9, "bn": 0.85, "hi": 0.9}


@pytest.fixture(scope="module")
def filler(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translations")
    filler_catalogues(folder)
    with languages_in(folder):
        yield folder


def words_of(content):
    document = pypdfium2.PdfDocument(content)
    return " ".join(page.get_textpage().get_text_range() for page in document)


def tags(element, found):
    if isinstance(element, pikepdf.Dictionary):
        if "/S" in element:
            found.append(str(element.S))
        below = element.get("/K")
        for child in below if isinstance(below, pikepdf.Array) else [below]:
            tags(child, found)
    return found


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_becomes_a_tagged_document(kind):
    finished = render.letter(full(kind))
    document = pikepdf.open(io.BytesIO(render.pdf(finished)))
    root = document.Root
    assert root.MarkInfo.Marked
    assert str(root.Lang) == "en-GB"
    assert root.ViewerPreferences.DisplayDocTitle
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == finished.title
    found = tags(root.StructTreeRoot, [])
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Link"} <= set(found)
    assert found.count("/H1") == 1


def test_tables_have_headings_for_their_columns():
    document = pikepdf.open(io.BytesIO(render.pdf(render.letter(full(LetterKind.RESPONSE_1)))))
    found = tags(document.Root.StructTreeRoot, [])
    assert (found.count("/Table"), found.count("/TH"), found.count("/Caption")) == (2, 5, 2)


@pytest.mark.parametrize("code", FILLER)
def test_the_words_of_the_letter_can_be_copied_out_of_the_page(code, filler):
    tag = code.replace("_", "-")
    said = " ".join(FILLER[code].split()[:8])
    finished = render.letter(full(LetterKind.RESPONSE_2, language=tag, decision=Words(said, tag)))
    content = render.pdf(finished)
    document = pikepdf.open(io.BytesIO(content))
    assert str(document.Root.Lang).split("-")[0] == tag.split("-")[0]
    assert document.Root.ViewerPreferences.get("/Direction") != "/R2L"
    copied = words_of(content)
    words = set(FILLER[code].split())
    found = sum(word in copied for word in words)
    assert found >= SHARE.get(code, 1) * len(words), sorted(word for word in words if word not in copied)
    assert "RED-2026-00042" in copied
    assert "Amina Begum" in copied
    assert "£1,250.00" in copied


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_a_checker_of_tagged_pages_finds_no_error(tag, filler, tmp_path):
    page = tmp_path / "letter.pdf"
    page.write_bytes(render.pdf(render.letter(full(LetterKind.RESPONSE_1, language=tag))))
    assert outloud.check(str(page)).errors == 0


def test_no_invisible_mark_stands_inside_what_is_copied():
    copied = words_of(render.pdf(render.letter(full(LetterKind.RESPONSE_1))))
    assert "£1,250.00" in copied
    assert not re.search("[\u2066-\u2069\u202a-\u202e]", copied.split("Making this work")[0])


def test_large_print_is_larger():
    finished = render.letter(full(LetterKind.RECEIPT))
    large = render.letter(full(LetterKind.RECEIPT, large_print=True))

    def body_size(content):
        page = pypdfium2.PdfDocument(content)[0]
        return max(
            (round(item.get_font_size()) for item in page.get_objects() if hasattr(item, "get_font_size")),
            key=[
                round(item.get_font_size()) for item in page.get_objects() if hasattr(item, "get_font_size")
            ].count,
        )

    assert body_size(render.pdf(finished)) == 12
    assert body_size(render.pdf(finished, large_print=True)) == 18
    assert body_size(render.pdf(large)) == 18


def test_the_same_letter_gives_the_same_bytes():
    finished = render.letter(full(LetterKind.RECEIPT))
    assert render.pdf(finished) == render.pdf(render.reopen(finished.html))


def test_what_people_write_is_never_typeset_as_commands():
    attack = Words('#read("/etc/passwd") *bold* $x$ <label> @ref `code` \\ #emoji.face')
    copied = words_of(render.pdf(render.letter(full(LetterKind.RECEIPT, own_words=attack))))
    assert '#read("/etc/passwd") *bold* $x$ <label> @ref `code` \\ #emoji.face' in copied


def test_a_picture_that_no_font_has_is_named_and_holds_nothing_up():
    content = render.pdf(render.letter(full(LetterKind.RECEIPT, own_words=Words("Help 🦒 us"))))
    assert re.search(r"Help \[giraffe face\] us", words_of(content)) or "🦒" in words_of(content)


def test_missing_fonts_are_named_with_the_way_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("REDRESS_FONTS_DIR", str(tmp_path))
    with pytest.raises(pdf.FontsMissing, match="make assets"):
        render.pdf(render.letter(full(LetterKind.RECEIPT)))
