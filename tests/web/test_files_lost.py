"""A file whose bytes the disk has lost: a page that says it is not there, on either side, and a line in the log."""

from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import files, service
from shared.db import db
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
    service.perform(case.ref, c.AddInformation(text="A photo", files=(photo,)), case.resident)
    stored = db.session.get_one(Attachment, photo.id)
    letter = db.session.scalars(select(Letter)).one()
    sign_in(client, case.ref, case.code)
    officer, _ = staff.signed_in(app, Role.OFFICER)
    addresses = [
        (client, f"/en/my-complaint/files/{photo.id}"),
        (client, f"/en/my-complaint/letters/{letter.id}.pdf"),
        (officer, f"/staff/cases/{case.ref}/files/{photo.id}"),
        (officer, f"/staff/cases/{case.ref}/letters/{letter.id}.pdf"),
    ]
    assert [browser.get(url).status_code for browser, url in addresses] == [200] * 4
    for key in (stored.store_key, stored.preview_key, letter.pdf_key):
        assert key is not None
        assert files.store().delete(key)
    assert [browser.get(url).status_code for browser, url in addresses] == [404] * 4
    assert caplog.text.count("cannot be read") == 4
