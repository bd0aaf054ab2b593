"""Files on a complaint: taken without scripts, refused in plain words, and never at the cost of an answer."""

from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shared.cases import files as kept_files
from shared.db import db
from shared.models import Attachment, Case, Draft
from tests.support import samples, samples_documents, samples_media
from tests.support.client import Client, Page

ADD = "Add this file"
FILES = "/en/tell-us/files"


def begun(client: Client) -> None:
    page = client.submit("/en/", {}, form="#start")
    client.send(page, {"what": "Damp."}, press="Continue")


def add(client: Client, data: bytes, name: str, status: int = 200) -> Page:
    return client.send(client.page(FILES), {"files": [(BytesIO(data), name)]}, press=ADD, status=status)


GOOD = {
    "photo.jpg": samples.jpeg,
    "IMG_1.HEIC": samples.heic,
    "letter.pdf": samples_documents.pdf,
    "notes.docx": lambda: samples_documents.zipped(samples_documents.docx_parts()),
    "notes.odt": lambda: samples_documents.zipped(samples_documents.odt_parts()),
    "words.txt": lambda: b"Mould again.\n",
    "voice.webm": samples_media.webm,
    "voice.ogg": samples_media.ogg,
}


@pytest.mark.parametrize("name", GOOD)
def test_what_people_send_is_taken(client: Client, name: str) -> None:
    page = add(client, GOOD[name](), name)
    assert "1 file added" in page.main
    assert name.rpartition(".")[0] in page.main


def test_photos_lose_where_they_were_taken_and_keep_the_day(client: Client) -> None:
    original = samples.jpeg()
    assert samples.gps_traces(original)
    page = add(client, original, "Bad.jpg")
    row = db.session.query(Attachment).one()
    assert row.taken_on is not None
    with kept_files.open_file(row) as stored:
        assert not samples.gps_traces(stored.read())
    shown = client.get(page.link("Bad.jpg"))
    assert shown.mimetype == "image/jpeg"
    assert not samples.gps_traces(shown.data)


BAD = {
    "empty.jpg": (lambda: b"", "The file is empty."),
    "program.exe": (lambda: b"MZ" + bytes(500), "We cannot take this type of file."),
    "photo.jpg": (samples_documents.pdf, "but it is a different type of file inside."),
    "bomb.png": (lambda: samples.huge_png(10_000), "The picture is too large for us to open"),
    "locked.pdf": (lambda: samples_documents.locked_pdf("secret"), "locked with a password"),
    "half.jpg": (lambda: samples.jpeg()[:2000], "damaged or not complete"),
    "page.html": (lambda: b"<!doctype html><script>alert(1)</script>", "We cannot take this type of file."),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_taken_gets_a_sentence_and_costs_nothing_else(client: Client, name: str) -> None:
    begun(client)
    make, sentence = BAD[name]
    page = add(client, make(), name, status=422)
    assert len(page.errors) == 1
    assert sentence in page.errors[0]
    assert sentence in page.one("#files-error").get_text()
    assert page.one(".govuk-error-summary a")["href"] == "#files"
    assert db.session.query(Attachment).count() == 0
    assert db.session.query(Draft).one().answers["what"] == "Damp."


def test_several_at_once_each_get_their_own_answer(client: Client) -> None:
    page = client.page(FILES)
    many = [(BytesIO(samples.jpeg()), "good.jpg"), (BytesIO(b""), "empty.jpg"), (BytesIO(b"MZ"), "bad.exe")]
    page = client.send(page, {"files": many}, press=ADD, status=422)
    assert "1 file added" in page.main
    assert db.session.query(Attachment).one().name == "good.jpg"
    assert page.errors[0].startswith("\u2068empty.jpg\u2069: The file is empty.")


def test_a_file_chosen_is_taken_whatever_button_is_pressed(client: Client) -> None:
    page = client.send(client.page(FILES), {"files": [(BytesIO(samples.jpeg()), "a.jpg")]}, press="Continue")
    assert page.h1 == "Who are you, and how can we reach you?"
    assert db.session.query(Attachment).count() == 1
    page = client.send(client.page(FILES), {}, press=ADD, status=422)
    assert page.errors == ["Choose a file, or continue without one"]


def test_a_file_can_be_removed_again(client: Client) -> None:
    add(client, samples.jpeg(), "a.jpg")
    page = add(client, samples.jpeg(), "b.jpg")
    page = client.send(page, {}, press="Remove a.jpg")
    assert "1 file added" in page.main
    assert "a.jpg" not in page.main
    assert db.session.query(Attachment).one().name == "b.jpg"


def test_a_poisoned_name_is_only_a_name(client: Client) -> None:
    page = add(client, samples.jpeg(), "../../<img src=x onerror=alert(1)>\u202egpj.jpg")
    assert "<img src=x" not in page.response.text
    row = db.session.query(Attachment).one()
    assert "/" not in row.name
    assert "\u202e" not in row.name


def test_nobody_else_reads_or_removes_it(app: Flask, client: Client) -> None:
    begun(client)
    address = add(client, samples.jpeg(), "a.jpg").link("a.jpg")
    stranger = app.test_client()
    assert isinstance(stranger, Client)
    begun(stranger)
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{FILES}/{'9' * 40}").status_code == 404
    page = stranger.page(FILES)
    token = str(page.one("#question input[name=csrf_token]")["value"])
    number = db.session.query(Attachment).one().id
    for odd in (str(number), "0", "-1", "x", "9" * 40, "²"):
        stranger.post(FILES, data={"csrf_token": token, "press": f"remove:{odd}"})
    assert db.session.query(Attachment).count() == 1


def test_a_request_too_big_says_so_on_the_page(app: Flask, client: Client) -> None:
    begun(client)
    page = client.page(FILES)
    limit, app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_CONTENT_LENGTH"], 50_000
    try:
        page = client.send(page, {"files": [(BytesIO(bytes(200_000)), "film.mp4")]}, press=ADD, status=422)
    finally:
        app.config["MAX_CONTENT_LENGTH"] = limit
    assert page.errors[0].startswith("The file is too big. It must be smaller than 25 MB.")
    assert db.session.query(Draft).one().answers["what"] == "Damp."


def test_files_go_along_with_the_complaint(client: Client) -> None:
    begun(client)
    add(client, samples.jpeg(), "a.jpg")
    page = client.page("/en/tell-us/reach")
    page = client.send(page, {"name": "A", "address": "B", "by_post": "y"}, press="Skip the optional")
    assert "a.jpg" in page.main
    client.send(page, {}, form="#send")
    row = db.session.query(Attachment).one()
    assert row.case_id == db.session.query(Case).one().id
    assert row.draft_id is None
    page = client.page(FILES)
    assert "a.jpg" not in page.main


# In pieces ---------------------------------------------------------------------------------------------------

NAME = "0123456789abcdef"


class Sender:
    """What upload.js does: pieces with their place, the token in a header."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.token = str(client.page(FILES).one("#question input[name=csrf_token]")["value"])

    def piece(
        self, data: bytes, offset: int, size: int, name: str = "a.jpg", upload: str = NAME
    ) -> TestResponse:
        return self.client.post(
            "/en/tell-us/files/piece",
            query_string={"upload": upload, "offset": offset, "size": size, "name": name},
            data=data,
            content_type="application/octet-stream",
            headers={"X-CSRFToken": self.token},
        )

    def received(self) -> int:
        answer = self.client.get("/en/tell-us/files/piece", query_string={"upload": NAME})
        return int(answer.get_json()["received"])


def test_an_upload_that_broke_off_goes_on_where_it_stopped(client: Client) -> None:
    whole = samples.jpeg()
    sender = Sender(client)
    half = len(whole) // 2
    assert sender.piece(whole[:half], 0, len(whole)).get_json() == {"received": half}
    sender = Sender(client)
    assert sender.received() == half
    answer = sender.piece(whole[half:], half, len(whole))
    assert answer.get_json()["done"]
    assert db.session.query(Attachment).one().name == "a.jpg"
    assert sender.received() == 0
    assert "a.jpg" in client.fragment(FILES).text


def test_pieces_are_refused_in_the_same_words(client: Client) -> None:
    sender = Sender(client)
    assert "cannot take this type" in sender.piece(b"MZ" + bytes(50), 0, 52, "a.exe").get_json()["problem"]
    assert "must be smaller than 25 MB" in sender.piece(b"x", 0, 900_000_000).get_json()["problem"]
    assert "empty" in sender.piece(b"", 0, 0).get_json()["problem"]
    gap = sender.piece(b"x", 500, 1000)
    assert (gap.status_code, gap.get_json()) == (409, {"received": 0})
    assert db.session.query(Attachment).count() == 0


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"upload": "../../etc/passwd"},
        {"offset": "-1"},
        {"offset": "²"},
        {"size": "x"},
        {"offset": "9" * 30},
    ],
)
def test_odd_pieces_are_no_fault(client: Client, query: dict[str, str]) -> None:
    sender = Sender(client)
    good = {"upload": NAME, "offset": "0", "size": "9", "name": "a.txt"}
    answer = client.post(
        "/en/tell-us/files/piece",
        query_string={**good, **query} if query else {},
        data=b"x",
        content_type="application/octet-stream",
        headers={"X-CSRFToken": sender.token},
    )
    assert answer.status_code == 400
    assert answer.get_json()["problem"]


def test_nobody_goes_on_with_the_upload_of_another(app: Flask, client: Client) -> None:
    Sender(client).piece(b"secret ", 0, 20, "a.txt")
    stranger = app.test_client()
    assert isinstance(stranger, Client)
    theirs = Sender(stranger)
    assert theirs.received() == 0
    theirs.piece(b"x", 0, 2, "b.txt")
    assert theirs.received() == 1


def test_without_a_token_nothing_is_taken(client: Client) -> None:
    answer = client.post(f"/en/tell-us/files/piece?upload={NAME}&offset=0&size=1&name=a.txt", data=b"x")
    assert answer.status_code == 400
    assert db.session.query(Draft).count() == 0
