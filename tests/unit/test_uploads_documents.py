"""Documents: they open and read as before, and do, fetch and tell nothing."""

import re
import zipfile
import zlib
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from shared.uploads import Kind, Limits, Reason, Refused, accept
from tests.support import samples
from tests.support.samples_documents import (
    AUTHOR,
    SCRIPT,
    TRAP,
    docx_parts,
    hostile_docx,
    hostile_odt,
    hostile_pdf,
    locked_pdf,
    odt_parts,
    pdf,
    relations,
    zipped,
)
from tests.support.scrubbing import scrubbed


def cleaned(data: bytes, name: str, limits: Limits | None = None) -> bytes:
    found, kept = scrubbed(data, name, limits)
    assert found.kind is Kind.DOCUMENT
    return kept


def reason(data: bytes, name: str, limits: Limits | None = None) -> Reason:
    with pytest.raises(Refused) as refused:
        accept(data, name, limits).close()
    return refused.value.reason


def unpacked_pdf(data: bytes) -> bytes:
    """The whole file as plain bytes: no compressed object can hide a word."""
    packed = BytesIO()
    with pikepdf.open(BytesIO(data)) as opened:
        opened.save(
            packed,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
        )
    return packed.getvalue()


def pdf_text(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as opened:
        return "\n".join(page.get_textpage().get_text_bounded() for page in opened)


@pytest.fixture(scope="module")
def tamed_pdf() -> bytes:
    with accept(hostile_pdf(), "letter.pdf") as clean:
        return clean.content.read()


def test_the_pages_of_a_hostile_pdf_still_open_and_read(tamed_pdf: bytes) -> None:
    assert "Damp in room 1" in pdf_text(tamed_pdf)
    assert "Damp in room 2" in pdf_text(tamed_pdf)
    assert b"An honest remark" in unpacked_pdf(tamed_pdf)


@pytest.mark.parametrize(
    "gone",
    [
        *[SCRIPT, TRAP, AUTHOR, "cmd.exe", "hidden attachment", "hidden annotation file", "/etc/passwd"],
        *["payload.exe", "x.exe", "/OpenAction", "/AA", "/JS", "/XFA", "/EmbeddedFiles", "/FileAttachment"],
        *["/RichMedia", "/Metadata", "/Info", "/PieceInfo", "/Author", samples.PLACE],
    ],
)
def test_what_acts_hides_or_tells_in_a_pdf_is_gone(tamed_pdf: bytes, gone: str) -> None:
    sent = unpacked_pdf(hostile_pdf())
    kept = unpacked_pdf(tamed_pdf)
    assert gone.encode() in sent or gone == AUTHOR
    assert not re.search(re.escape(gone.encode()) + rb"(?![A-Za-z])", kept)
    assert gone.encode("utf-16-be") not in kept


@pytest.mark.parametrize("name", ["/Im1", "/Im3"])
def test_a_photo_in_a_pdf_loses_its_place_and_not_one_dot(tamed_pdf: bytes, name: str) -> None:
    def photo(data: bytes) -> tuple[bytes, bytes]:
        with pikepdf.open(BytesIO(data)) as opened:
            stored = opened.pages[0].Resources.XObject[name]
            raw = stored.read_raw_bytes()
            jpeg = raw if raw.startswith(b"\xff\xd8") else zlib.decompress(raw)
            return jpeg, Image.open(BytesIO(jpeg)).tobytes()

    (sent, sent_dots), (kept, kept_dots) = photo(hostile_pdf()), photo(tamed_pdf)
    assert samples.gps_traces(sent)
    assert samples.gps_traces(kept) == []
    assert kept_dots == sent_dots


def test_how_a_photo_in_a_pdf_mixes_its_colours_is_kept(tamed_pdf: bytes) -> None:
    with pikepdf.open(BytesIO(tamed_pdf)) as opened:
        assert opened.pages[0].Resources.XObject.Im3.DecodeParms.ColorTransform == 1


def test_a_photo_in_a_pdf_that_tells_but_cannot_be_cleaned_is_refused() -> None:
    made = pikepdf.open(BytesIO(pdf(1)))
    stored = made.make_stream(b"\0" + samples.jpeg(64, 64))
    stored.Filter = pikepdf.Name.DCTDecode
    made.pages[0].Resources.XObject = pikepdf.Dictionary(X=stored)
    packed = BytesIO()
    made.save(packed)
    assert reason(packed.getvalue(), "a.pdf") is Reason.NOT_CLEANABLE


def test_what_stands_before_and_behind_a_pdf_is_gone() -> None:
    kept = cleaned(b"\n\n" + pdf() + zipped({"evil.js": "x" * 999}), "a.pdf")
    assert kept.startswith(b"%PDF-")
    assert b"evil.js" not in kept
    assert "Damp in room 1" in pdf_text(kept)


def test_an_old_pdf_with_names_in_its_own_coding_is_kept() -> None:
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/F\xe4rbe 5/AA<</X 1>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[4 0 R]>>endobj\n"
        b"4 0 obj<</Subtype/N\xe4me/A<</S/\xc4ct>>/Rect[0 0 1 1]>>endobj\n"
        b"5 0 obj<</Filter/D\xe4ta/Length 1>>stream\nx\nendstream endobj\ntrailer<</Root 1 0 R>>"
    )
    kept = cleaned(data, "a.pdf")
    assert b"rbe 5" in unpacked_pdf(kept)
    assert b"/AA" not in unpacked_pdf(kept)


def test_a_pdf_with_a_password_is_refused_and_one_that_opens_is_kept_unlocked() -> None:
    assert reason(locked_pdf("secret"), "a.pdf") is Reason.ENCRYPTED
    with pikepdf.open(BytesIO(cleaned(locked_pdf(""), "a.pdf"))) as kept:
        assert not kept.is_encrypted


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + bytes(range(256)) * 20,
        pdf()[:300],
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>",
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\ntrailer<</Root 1 0 R>>",
    ],
)
def test_a_broken_pdf_is_broken(data: bytes) -> None:
    assert reason(data, "a.pdf") is Reason.BROKEN


def test_a_pdf_of_too_many_pages_is_too_complex() -> None:
    assert reason(pdf(6), "a.pdf", Limits(max_pages=5)) is Reason.TOO_COMPLEX


def test_a_pdf_of_deep_nests_costs_one_refusal_at_most() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    data = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/X " + deep + b">>endobj\ntrailer<</Root 1 0 R>>"
    assert reason(data, "a.pdf") in {Reason.BROKEN, Reason.TOO_COMPLEX}


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_a_plain_word_letter_comes_through() -> None:
    with accept(zipped(docx_parts()), "My letter.docx") as clean:
        assert clean.media_type.endswith("wordprocessingml.document")
        assert clean.download_name == "My letter.docx"
        parts = parts_of(clean.content.read())
    assert b"The damp is back." in parts["word/document.xml"]
    assert "word/settings.xml" in parts


def test_a_hostile_word_letter_keeps_its_words_and_nothing_else() -> None:
    parts = parts_of(cleaned(hostile_docx(), "a.docx"))
    everything = b"".join(parts.values())
    body = parts["word/document.xml"]
    for words in (b"The damp is back.", b"My words in a link.", b"Old field.", b"PAGE"):
        assert words in body
    for gone in (TRAP, AUTHOR, "hidden", "OLEObject", "altChunk", "attachedTemplate", "External", "cmd.exe"):
        assert gone.encode() not in everything
    assert not re.search(rb"DDE|INCLUDE|PICTURE", body)
    assert not any(name.startswith(("docProps", "customXml", "word/embeddings")) for name in parts)
    assert b"docProps" not in parts["[Content_Types].xml"]
    assert samples.gps_traces(everything) == []


def test_every_relation_of_a_cleaned_word_letter_leads_somewhere() -> None:
    parts = parts_of(cleaned(hostile_docx(), "a.docx"))
    assert {"word/media/image1.jpeg", "word/media/image2.png"} <= parts.keys()
    assert "word/media/image3.jpeg" not in parts  # a program that called itself a picture
    ids = set(re.findall(rb'Id="(rId\d)"', parts["word/_rels/document.xml.rels"]))
    assert ids == {b"rId3", b"rId6", b"rId8"}
    used = set(re.findall(rb'r:(?:id|embed|link)="(rId\d)"', parts["word/document.xml"]))
    assert used == {b"rId3", b"rId6"}


@pytest.mark.parametrize(
    "change",
    [
        {"word/vbaProject.bin": b"macro"},
        {"word/_rels/vbaProject.bin.rels": relations()},
        {"word/vbaData.xml": "<x/>"},
    ],
)
def test_macros_are_refused(change: dict[str, bytes | str]) -> None:
    assert reason(zipped({**docx_parts(), **change}), "a.docx") is Reason.MACROS


def test_a_macro_letter_is_refused_whatever_its_name() -> None:
    parts = docx_parts()
    types = str(parts["[Content_Types].xml"])
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts["[Content_Types].xml"] = types.replace(
        main, "application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    assert reason(zipped(parts), "a.docx") is Reason.MACROS
    assert reason(zipped(docx_parts()), "a.docm") is Reason.MACROS


def test_a_zip_bomb_is_too_complex() -> None:
    bomb = zipped({**docx_parts(), "word/media/image1.png": bytes(120_000_000)})
    assert len(bomb) < 200_000
    assert reason(bomb, "a.docx") is Reason.TOO_COMPLEX


def test_a_zip_bomb_that_lies_about_its_sizes_is_refused() -> None:
    bomb = bytearray(zipped({**docx_parts(), "word/media/image1.png": bytes(120_000_000)}))
    told = (120_000_000).to_bytes(4, "little")
    assert bomb.count(told) == 2
    lie = bytes(bomb.replace(told, (1000).to_bytes(4, "little")))
    assert reason(lie, "a.docx") in {Reason.BROKEN, Reason.TOO_COMPLEX}


def test_very_many_parts_are_too_complex() -> None:
    many = {f"word/part{number}.xml": "<x/>" for number in range(2_100)}
    assert reason(zipped({**docx_parts(), **many}), "a.docx") is Reason.TOO_COMPLEX


@pytest.mark.parametrize(
    "entity",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://trap.example/x.dtd">',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_document_types_are_refused(entity: str, coding: str) -> None:
    parts = docx_parts()
    head = f'<?xml version="1.0" encoding="{coding}"?>'
    parts["word/document.xml"] = (head + entity + str(parts["word/document.xml"])).encode(coding)
    assert reason(zipped(parts), "a.docx") is Reason.BROKEN


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/x", "word/../../x", "C:\\x", "word\\x.xml"])
def test_parts_that_climb_out_are_refused(name: str) -> None:
    assert reason(zipped({**docx_parts(), name: "x"}), "a.docx") is Reason.BROKEN


def test_a_part_that_stands_twice_is_refused() -> None:
    packed = BytesIO(zipped(docx_parts()))
    with zipfile.ZipFile(packed, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("word/document.xml", "<other/>")
    assert reason(packed.getvalue(), "a.docx") is Reason.BROKEN


@pytest.mark.parametrize("name", ["a.docx", "a.odt"])
def test_a_cut_off_letter_is_broken(name: str) -> None:
    whole = zipped(docx_parts() if name == "a.docx" else odt_parts())
    assert reason(whole[: len(whole) // 2], name) is Reason.BROKEN


def test_a_word_letter_with_a_password_is_encrypted() -> None:
    container = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(999)
    )
    assert reason(container, "a.docx") is Reason.ENCRYPTED
    assert reason(container, "a.doc") is Reason.WRONG_TYPE


def test_a_hostile_opendocument_letter_keeps_its_words_and_nothing_else() -> None:
    data = cleaned(hostile_odt(), "a.odt")
    parts = parts_of(data)
    everything = b"".join(parts.values())
    assert data[30:38] == b"mimetype"  # first and uncompressed, as the standard asks
    body = parts["content.xml"].decode()
    assert "The damp is back." in body
    assert "Before my words in a link after." in re.sub("<[^>]+>", "", body)
    assert 'href="Pictures/one.jpg"' in body
    for gone in (TRAP, AUTHOR, "hidden", "event-listener", "object-ole", "/etc/passwd", "vnd.sun.star"):
        assert gone.encode() not in everything
    assert samples.gps_traces(everything) == []
    assert set(parts) == {
        *["mimetype", "content.xml", "settings.xml", "Pictures/one.jpg", "META-INF/manifest.xml"],
    }


def test_opendocument_macros_and_passwords_are_refused() -> None:
    assert reason(zipped({**odt_parts(), "Basic/Standard/Module1.xml": "<x/>"}), "a.odt") is Reason.MACROS
    assert reason(zipped({**odt_parts(), "Scripts/python/x.py": "x"}), "a.odt") is Reason.MACROS
    locked = {**odt_parts(), "META-INF/manifest.xml": "<m><encryption-data/></m>"}
    assert reason(zipped(locked), "a.odt") is Reason.ENCRYPTED
    with accept(zipped({**odt_parts(), "Basic/Standard/script-lb.xml": "<x/>"}), "a.odt") as clean:
        assert clean.extension == ".odt"  # an empty library is no macro


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Dąmp ✓ رطوبة".encode(), "Dąmp ✓ رطوبة"),
        ("Dąmp\r\nis back".encode("utf-16"), "Dąmp\nis back"),
        ("\ufeffDamp".encode(), "Damp"),
        ("£50 naïve".encode("cp1252"), "£50 naïve"),
        ("in\u202evoice \x1b[31mred\x07".encode(), "invoice [31mred"),
    ],
)
def test_plain_text_comes_out_as_clean_utf8(data: bytes, expected: str) -> None:
    found, kept = scrubbed(data, "notes.txt")
    assert found.media_type == "text/plain"
    assert kept.decode() == expected


def test_a_text_of_blanks_is_empty() -> None:
    assert reason(b" \r\n\t ", "a.txt") is Reason.EMPTY


@pytest.mark.parametrize(
    "data",
    [
        samples.HTML,
        samples.SVG,
        b"\x01\x02" + samples.HTML * 3,
        samples.HTML.decode().encode("utf-16"),
        b"#!/bin/sh",
    ],
)
def test_a_page_or_program_is_no_text(data: bytes) -> None:
    assert reason(data, "a.txt") in {Reason.LIES_ABOUT_TYPE, Reason.WRONG_TYPE}


def test_an_email_is_kept_as_it_came_and_never_as_a_page() -> None:
    with accept(samples.MAIL, "complaint.eml") as clean:
        assert (clean.media_type, clean.extension) == ("message/rfc822", ".eml")
        assert clean.content.read() == samples.MAIL
    with accept(b"Just words", "complaint.eml") as clean:
        assert clean.media_type == "text/plain"


def test_the_caps_of_text_and_mail_are_their_own() -> None:
    small = Limits(text_bytes=1000, mail_bytes=2000)
    assert reason(b"a " * 600, "a.txt", small) is Reason.TOO_BIG
    assert reason(samples.MAIL + b"a " * 1000, "a.eml", small) is Reason.TOO_BIG
    with accept(samples.MAIL + b"a " * 600, "a.eml", small) as clean:
        assert clean.size < 2000


def test_a_compressed_stream_that_grows_without_end_is_left_packed() -> None:
    made = pikepdf.open(BytesIO(pdf(1)))
    bomb = pikepdf.Stream(made, zlib.compress(bytes(200_000_000), 9))
    bomb.Filter = pikepdf.Name.FlateDecode
    made.pages[0].Resources.XObject = pikepdf.Dictionary(X=made.make_indirect(bomb))
    packed = BytesIO()
    made.save(packed)
    assert len(cleaned(packed.getvalue(), "a.pdf")) < 1_000_000
