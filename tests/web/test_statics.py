"""The first visit stays small on a bad line, and nobody gets bytes that they cannot read."""

import gzip
import hashlib
import re

import pytest

from tests.support.client import Client


@pytest.mark.parametrize("name", ["app.css", "app.rtl.css", "app.js", "htmx.min.js"])
def test_built_files_come_squeezed_to_those_who_take_it(client: Client, name: str) -> None:
    whole = client.get(f"/static/built/{name}")
    small = client.get(f"/static/built/{name}", headers={"Accept-Encoding": "gzip, deflate"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Content-Encoding" not in whole.headers
    assert gzip.decompress(small.data) == whole.data
    smallest = client.get(f"/static/built/{name}", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert smallest.headers["Content-Encoding"] == "br"
    assert len(smallest.data) < len(small.data)
    assert small.content_type == smallest.content_type == whole.content_type


def test_fonts_are_kept_for_ever_at_an_address_that_changes_with_them(client: Client) -> None:
    styles = client.get("/static/built/app.css").text
    addresses = re.findall(r'url\("(web/[^"]+)"\)', styles)
    assert len(addresses) == 6
    for address in addresses:
        font = client.get(f"/static/built/{address}")
        assert font.content_type == "font/woff2"
        assert "immutable" in font.headers["Cache-Control"]
        assert hashlib.sha256(font.data).hexdigest().startswith(address.partition("?v=")[2])


def test_a_browser_that_refuses_gzip_gets_the_plain_file(client: Client) -> None:
    answer = client.get("/static/built/app.css", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in answer.headers
