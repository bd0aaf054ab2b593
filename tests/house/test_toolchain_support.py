"""The tools that the tests themselves stand on."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "static" / "built"

SKIPS = """
import pytest

def test_left_out():
    pytest.skip("no reason")

@pytest.mark.xfail(reason="known")
def test_known():
    assert False
"""


@pytest.mark.parametrize(("ci", "status", "closing"), [("true", 1, "1 failed"), ("", 0, "1 skipped")])
def test_a_skip_fails_on_the_build_server_only(tmp_path: Path, ci: str, status: int, closing: str) -> None:
    (tmp_path / "test_skips.py").write_text(SKIPS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.support.strict",
        "-p",
        "no:cacheprovider",
        "test_skips.py",
    ]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == status, result.stdout
    assert closing in result.stdout
    assert "1 xfailed" in result.stdout


def test_a_module_left_out_as_a_whole_fails_on_the_build_server_too(tmp_path: Path) -> None:
    (tmp_path / "test_whole.py").write_text("import pytest\n\npytest.importorskip('no_such_module')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.strict", "-p", "no:cacheprovider"]
    environment = os.environ | {"CI": "true", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert result.returncode not in {0, 5}, result.stdout
    assert "no_such_module" in result.stdout


def test_the_throwaway_postgresql_knows_every_alphabet_and_leaves_nothing_behind() -> None:
    with PostgresServer() as server:
        folder = server.folder
        with psycopg.connect(server.create_database("one")) as connection:
            row = connection.execute("SELECT lower('ŁÓDŹ'), current_setting('server_encoding')").fetchone()
        server.create_database("two", template="one")
    assert row == ("łódź", "UTF8")
    assert not folder.exists()


def test_the_stylesheets_carry_no_mark_of_gov_uk() -> None:
    for name in ("app.css", "app.rtl.css"):
        css = (BUILT / name).read_text()
        assert "govuk-button" in css
        assert "GDS Transport" not in css
        faces = css.count("@font-face")
        assert faces == css.count('@font-face{font-family:"Redress ') > 0


def test_the_right_to_left_stylesheet_is_mirrored() -> None:
    plain, mirrored = ((BUILT / name).read_text() for name in ("app.css", "app.rtl.css"))
    assert ".govuk-radios__item{margin-right:20px}" in plain
    assert ".govuk-radios__item{margin-left:20px}" in mirrored
    own_overrides = (ROOT / "static" / "css" / "rtl.css").read_text()
    assert mirrored.endswith(own_overrides)


def test_letter_fonts_are_there_in_two_weights() -> None:
    fonts = sorted(path.stem for path in (BUILT / "fonts").glob("*.ttf"))
    assert len({name.rsplit("_", 1)[0] for name in fonts}) == 5
    assert [name for name in fonts if not name.endswith(("_400Regular", "_700Bold"))] == []
    assert len(fonts) == 10
