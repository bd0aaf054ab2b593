"""The words of letters in a page: what a reader would see, and no more than a page can hold."""

import time
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from shared.mail import shown
from shared.uploads import Refused, reading
from shared.uploads.contract import Limits
from shared.uploads.reading import Block, Reading
from tests.support.samples import jpeg
from tests.support.samples_documents import docx_parts, hostile_docx, hostile_odt, odt_parts, zipped
from tests.support.samples_mail import winmail


def words(data: bytes, kind: str) -> Reading:
    """What the child would write, without its process."""
    out = BytesIO()
    work = {"docx": reading.docx, "odt": reading.odt, "txt": reading.plain, "eml": shown.work}[kind]
    work(BytesIO(data), out, Limits())
    return msgspec.json.decode(out.getvalue(), type=Reading)


def test_a_word_letter_is_read_as_it_looks() -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Survey</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>The </w:t></w:r><w:del><w:r><w:delText>dry</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>damp</w:t></w:r></w:ins><w:r><w:br/><w:t>is back.</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>kitchen</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Room</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>Wet</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p/>"
    )
    parts = docx_parts(body)
    for number in (1, 2):  # the first page has its own, and both say the same
        parts[f"word/header{number}.xml"] = parts["word/document.xml"].replace(
            body, "<w:p><w:r><w:t>14 Elm Court</w:t></w:r></w:p>"
        )  # type: ignore[union-attr, arg-type]
    parts["word/media/a.jpeg"] = jpeg()
    found = words(zipped(parts), "docx")
    assert found.blocks == (
        Block("text", ("14 Elm Court",)),
        Block("heading", ("Survey",)),
        Block("text", ("The damp\nis back.",)),
        Block("item", ("kitchen",)),
        Block("row", ("Room", "Wet")),
    )
    assert (found.pictures, found.cut) == (1, False)
    assert [kind for kind, _ in found.runs] == ["text", "heading", "text", "item", "row"]


def test_an_opendocument_letter_is_read_as_it_looks() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:p>struck out</text:p></text:changed-region>"
        "</text:tracked-changes>"
        "<text:h>Survey</text:h><text:p>The<text:s/><text:span>damp</text:span><text:line-break/>is back.</text:p>"
        "<text:list><text:list-item><text:p>kitchen</text:p></text:list-item></text:list>"
    )
    assert words(zipped(odt_parts(body)), "odt").blocks == (
        Block("heading", ("Survey",)),
        Block("text", ("The damp\nis back.",)),
        Block("item", ("kitchen",)),
    )


def test_words_of_links_stay_and_their_addresses_do_not() -> None:
    for found in (words(hostile_docx(), "docx"), words(hostile_odt(), "odt")):
        said = " ".join(cell for block in found.blocks for cell in block.cells)
        assert "The damp is back." in said
        assert "my words in a link" in said.lower()
        assert "trap.example" not in said


def test_a_mail_is_read_with_its_headers_its_quotations_and_what_came_with_it() -> None:
    raw = (
        "From: Şule <s@example.org>\r\nTo: c@landlord.example\r\nSubject: =?utf-8?B?2K/bjNmI2KfYsQ==?=\r\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        "--x\r\n\r\nWet\r\n\r\n> Is it wet?\r\n--x\r\nContent-Type: image/jpeg; name=a.jpg\r\n\r\nxyz\r\n--x--\r\n"
    ).encode()
    found = words(raw, "eml")
    assert dict(found.headers) == {
        "From": "Şule <s@example.org>",
        "To": "c@landlord.example",
        "Subject": "دیوار",
        "Date": "Mon, 23 Nov 2026 10:00:00 +0000",
    }
    assert found.blocks == (Block("text", ("Wet",)), Block("text", ("> Is it wet?",)))
    assert [(one.name, one.size) for one in found.enclosed] == [("a.jpg", 3)]


def test_a_mail_wrapped_by_outlook_shows_what_is_inside() -> None:
    packed = winmail(("wall.jpg", b"xyz"), body="It leaks.")
    made = EmailMessage()
    made["From"] = "a@example.org"
    made.add_attachment(packed, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = words(made.as_bytes(), "eml")
    assert found.blocks == (Block("text", ("It leaks.",)),)
    assert [(one.name, one.size) for one in found.enclosed] == [("wall.jpg", 3)]
    cut = EmailMessage()
    cut.add_attachment(packed[:5], maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert [one.name for one in words(cut.as_bytes(), "eml").enclosed] == ["winmail.dat"]


def test_a_long_one_is_cut_and_says_so() -> None:
    found = words(b"wet wall\n\n" * 50_000, "txt")
    assert found.cut
    assert len(found.blocks) == reading.MOST_BLOCKS
    found = words(b"w" * 500_000, "txt")
    assert (found.cut, len(found.blocks[0].cells[0])) == (True, reading.MOST_CHARACTERS)


BOMB = docx_parts()
BOMB["word/document.xml"] = b"<w:document>" + b" " * 150_000_000
ENTITIES = docx_parts()
ENTITIES["word/document.xml"] = '<!DOCTYPE a [<!ENTITY b "wet">]><a>&b;</a>'


@pytest.mark.parametrize(
    "data", [zipped(BOMB), zipped(ENTITIES), b"PK\x03\x04 broken", b"", zipped({"x": "y"})], ids=range(5)
)
def test_a_hostile_letter_is_refused_in_its_own_process(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(data)
    started = time.monotonic()
    with (tmp_path / "a").open("rb") as content, pytest.raises(Refused):
        reading.read(content, "shared.uploads.reading:docx")
    assert time.monotonic() - started < 15


def test_an_honest_one_comes_back_from_its_process() -> None:
    found = reading.read(BytesIO(zipped(docx_parts())), "shared.uploads.reading:docx")
    assert found.blocks == (Block("text", ("The damp is back.",)),)
    assert reading.read(BytesIO(b"From: a@b\r\n\r\nwet"), shown.WORK).headers == (("From", "a@b"),)
