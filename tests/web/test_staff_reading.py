"""Letters, texts and e-mails read in the page: by those who see the case, written down, and never as markup."""

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import files, service
from shared.db import db, writing
from shared.models import Attachment, CaseOpening
from shared.vocab import Role
from tests.support import samples_media
from tests.support import staff as made
from tests.support.desk import Desk, desk_of, life
from tests.support.samples_documents import docx_parts, odt_parts, zipped

MAIL = (
    "From: Mina <mina@example.org>\r\nTo: c@landlord.example\r\nSubject: <b>دیوار</b>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
    "<h1 onclick='x()'>Wet</h1><script>alert(1)</script>\r\n"
    "--x\r\nContent-Type: image/jpeg; name=wall.jpg\r\n\r\nxyz\r\n--x--\r\n"
).encode()
TABLE = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>&lt;b&gt;Room</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"


def desk_with(app: Flask, name: str, data: bytes) -> tuple[Desk, int]:
    """A handler's desk on a case to which this file was added, and the file's number."""
    case = life().at_stage_1()
    file = files.add(BytesIO(data), name, added_by="Mina")
    service.perform(case.ref, c.AddInformation(text="See the file.", files=(file,)), made.actor(case.handler))
    return desk_of(app, case.handler, case.ref), file.id


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "letter.docx",
            zipped(docx_parts(f"<w:p><w:r><w:t>The damp is back.</w:t></w:r></w:p>{TABLE}")),
            "<b>Room",
        ),
        ("letter.odt", zipped(odt_parts()), "The damp is back."),
        ("notes.txt", "دیوار خیس است\n\nthe <i>wall</i>".encode(), "the <i>wall</i>"),
        ("mail.eml", MAIL, "Wet"),
    ],
)
def test_words_are_read_in_the_page_and_the_opening_is_written_down(
    app: Flask, name: str, data: bytes, words: str
) -> None:
    desk, number = desk_with(app, name, data)
    page = desk.client.page(desk.see("?tab=files").link(name))
    assert page.h1 == name
    assert words in page.main, "words as they stand, and no markup of theirs"
    assert "alert" not in page.main
    kept = desk.client.get(page.link("Download the file"))
    assert kept.headers["Content-Disposition"].startswith("attachment")
    opened = db.session.scalars(select(CaseOpening.what)).all()
    assert f"file:{number}" in opened


def test_a_mail_shows_who_wrote_and_what_came_with_it(app: Flask) -> None:
    desk, number = desk_with(app, "mail.eml", MAIL)
    page = desk.client.page(desk.url(f"files/{number}"))
    for shown in ("Mina <mina@example.org>", "<b>دیوار</b>", "wall.jpg (1 kB)"):
        assert shown in page.main


def test_what_cannot_be_read_is_offered_to_download(app: Flask) -> None:
    desk, number = desk_with(app, "letter.docx", zipped(docx_parts()))
    row = db.session.get_one(Attachment, number)
    key = files.store().put(b"PK\x03\x04 not the letter that it was", ".docx")
    with writing():
        row.store_key = key
    page = desk.client.page(desk.url(f"files/{number}"))
    assert "This cannot be shown in a page" in page.main
    assert page.link("Download the file")
    files.store().delete(key)
    assert desk.client.get(desk.url(f"files/{number}")).status_code == 404


def test_nobody_reads_a_file_of_a_case_that_they_do_not_see(app: Flask) -> None:
    desk, number = desk_with(app, "notes.txt", b"a secret")
    walled = Desk.of(app, Role.MANAGER, desk.ref, name="Walled Boss")
    assert walled.client.get(walled.url(f"files/{number}")).status_code == 200
    conflict = c.DeclareConflict(staff=made.ref_of(walled.account), reason="His aunt")
    service.perform(desk.ref, conflict, made.actor(walled.account))
    answer = walled.client.get(walled.url(f"files/{number}"))
    assert answer.status_code == 404
    assert b"a secret" not in answer.data


def test_a_recording_is_played_in_the_browser_and_in_pieces(app: Flask) -> None:
    desk, number = desk_with(app, "voice.mp3", samples_media.mp3())
    size = db.session.get_one(Attachment, number).size
    whole = desk.client.get(desk.url(f"files/{number}"))
    assert (whole.status_code, len(whole.data), whole.headers["Accept-Ranges"]) == (200, size, "bytes")
    assert "sandbox" not in whole.headers["Content-Security-Policy"], "no player starts in a sandbox"
    piece = desk.client.get(desk.url(f"files/{number}"), headers={"Range": "bytes=10-19"})
    assert (piece.status_code, piece.data) == (206, whole.data[10:20])
    assert piece.headers["Content-Range"] == f"bytes 10-19/{size}"
    beyond = desk.client.get(desk.url(f"files/{number}"), headers={"Range": f"bytes={size}-"})
    assert beyond.status_code == 416
