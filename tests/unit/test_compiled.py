"""Compiled templates are kept between processes, and a page never waits for that or fails for it."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from shared import compiled


def _says(words: str) -> str:
    loader = DictLoader({"page.html": words})
    return (
        Environment(loader=loader, bytecode_cache=compiled.bytecode_cache("test"), autoescape=True)
        .get_template("page.html")
        .render()
    )


def test_it_is_kept_and_a_changed_template_counts_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "build" / "templates")
    assert _says("one") == "one"
    assert len(list(compiled.FOLDER.iterdir())) == 1
    assert _says("two") == "two"


def test_where_nothing_can_be_written_pages_come_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "file" / "templates")
    assert _says("one") == "one"
