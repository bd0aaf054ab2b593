"""What the disk has lost is no fault of a page, and `redress check` says which part does not answer."""

import socket
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import files, service
from shared.cases.correspondence import inbound_mail
from shared.cli import check
from shared.db import db
from shared.mail import jobs, worker
from shared.models import Attachment, Letter
from shared.vocab import Role
from tests.support import staff
from tests.support.client import Client
from tests.support.portal import complaint, sign_in


def test_a_lost_file_or_letter_is_not_there_and_no_fault_of_the_page(
    app: Flask, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    case = complaint()
    image = BytesIO()
    Image.new("RGB", (40, 30)).save(image, "JPEG")
    image.seek(0)
    photo = files.add(image, "wall.jpg", added_by="Mina Rahman")
    note = files.add(BytesIO(b"It leaks."), "note.txt", added_by="Mina Rahman")
    service.perform(case.ref, c.AddInformation(text="A photo", files=(photo, note)), case.resident)
    stored = db.session.get_one(Attachment, photo.id)
    words = db.session.get_one(Attachment, note.id)
    letter = db.session.scalars(select(Letter)).one()
    sign_in(client, case.ref, case.code)
    officer, _ = staff.signed_in(app, Role.OFFICER)
    addresses = [
        (client, f"/en/my-complaint/files/{photo.id}"),
        (client, f"/en/my-complaint/letters/{letter.id}.pdf"),
        (officer, f"/staff/cases/{case.ref}/files/{photo.id}"),
        (officer, f"/staff/cases/{case.ref}/files/{note.id}"),
        (officer, f"/staff/cases/{case.ref}/letters/{letter.id}.pdf"),
    ]
    assert [browser.get(url).status_code for browser, url in addresses] == [200] * 5
    for key in (stored.store_key, stored.preview_key, words.store_key, letter.pdf_key):
        assert key is not None
        assert files.store().delete(key)
    assert [browser.get(url).status_code for browser, url in addresses] == [404] * 5
    assert caplog.text.count("cannot be read") == 5


def test_redress_check_names_a_store_and_a_worker_that_do_not_answer(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert list(check._storage()) == []
    (tmp_path / "files").write_text("a file where the folder should be")
    settings = replace(app.extensions["redress"], data_dir=tmp_path)
    monkeypatch.setitem(app.extensions, "redress", settings)
    (line,) = check._storage()
    assert line.startswith("the file storage does not answer")
    (line,) = check._worker()
    assert "yet: nothing leaves" in line
    monkeypatch.setattr(jobs, "_jobs", {})
    worker.register_own_jobs()
    worker.round_once("w")
    assert list(check._worker()) == []
    with clock.pretend(clock.now() + timedelta(minutes=4)):
        (line,) = check._worker()
    assert "since" in line


def test_redress_check_names_a_job_that_fails_and_a_mailbox_that_cannot_be_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = probe.getsockname()[1]
    settings = replace(app.extensions["redress"], imap_host="127.0.0.1", imap_port=nobody)
    monkeypatch.setitem(app.extensions, "redress", settings)
    (line,) = check._mailbox(settings)
    assert line.startswith("the mailbox cannot be read: ConnectionRefusedError")
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register(inbound_mail.JOB, 60, inbound_mail.fetch)
    jobs.run_due("w")
    (line,) = check._jobs()
    assert "“inbound mail” has never gone well: ConnectionRefusedError" in line
    client, _ = staff.signed_in(app, Role.OFFICER)
    page = client.page("/staff/mail")
    assert "Something is wrong with the mailbox" in page.main
    assert "ConnectionRefusedError" in page.main
    assert list(check._mailbox(replace(settings, imap_host="", reply_address="c@landlord.example"))) == []
    assert "nobody reads the answers to c@landlord.example" in capsys.readouterr().out
