"""The first visit stays small on a bad line, and nobody gets bytes that they cannot read."""

import gzip

import pytest

from tests.support.client import Client


@pytest.mark.parametrize("name", ["app.css", "app.rtl.css", "htmx.min.js", "govuk-frontend.min.js"])
def test_built_files_come_squeezed_to_those_who_take_it(client: Client, name: str) -> None:
    whole = client.get(f"/static/built/{name}")
    small = client.get(f"/static/built/{name}", headers={"Accept-Encoding": "br, gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Content-Encoding" not in whole.headers
    assert gzip.decompress(small.data) == whole.data
    assert small.content_type == whole.content_type


def test_the_first_visit_is_under_100_kb(client: Client) -> None:
    page = client.page("/en/")
    links = [str(e.get("href") or e.get("src")) for e in page.all("link[rel=stylesheet], script[src]")]
    assert links
    files = sum(len(client.get(link, headers={"Accept-Encoding": "gzip"}).data) for link in links)
    assert files + len(page.response.data) < 100_000


def test_a_browser_that_refuses_gzip_gets_the_plain_file(client: Client) -> None:
    answer = client.get("/static/built/app.css", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in answer.headers
