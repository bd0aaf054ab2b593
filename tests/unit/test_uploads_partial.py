"""Pieces of a file: in order, twice, too many, by the wrong name."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from shared import clock
from shared.uploads import Reason, Refused
from shared.uploads.partial import MOST_AT_ONCE, OutOfStep, Partial, tidy

NAME = "0123456789abcdef"


def test_pieces_become_the_file(tmp_path: Path) -> None:
    partial = Partial(tmp_path, "7")
    assert partial.received(NAME) == 0
    assert partial.append(NAME, 0, BytesIO(b"hello "), 100) == 6
    assert partial.append(NAME, 6, BytesIO(b"world"), 100) == 11
    assert partial.append(NAME, 6, BytesIO(b"world"), 100) == 11, "sent twice does no harm"
    with partial.open(NAME) as whole:
        assert whole.read() == b"hello world"
    partial.discard(NAME)
    assert partial.received(NAME) == 0


def test_a_gap_is_told_with_where_to_go_on(tmp_path: Path) -> None:
    partial = Partial(tmp_path, "7")
    partial.append(NAME, 0, BytesIO(b"abc"), 100)
    with pytest.raises(OutOfStep) as gap:
        partial.append(NAME, 5, BytesIO(b"x"), 100)
    assert gap.value.received == 3


def test_too_much_is_refused_and_let_go(tmp_path: Path) -> None:
    partial = Partial(tmp_path, "7")
    partial.append(NAME, 0, BytesIO(b"a" * 60), 100)
    with pytest.raises(Refused) as refused:
        partial.append(NAME, 60, BytesIO(b"a" * 60), 100)
    assert refused.value.reason is Reason.TOO_BIG
    assert partial.received(NAME) == 0


def test_nobody_fills_the_disk_with_beginnings(tmp_path: Path) -> None:
    partial = Partial(tmp_path, "7")
    for number in range(MOST_AT_ONCE):
        partial.append(f"{number:016x}", 0, BytesIO(b"x"), 100)
    with pytest.raises(Refused):
        partial.append("f" * 16, 0, BytesIO(b"x"), 100)
    Partial(tmp_path, "8").append("f" * 16, 0, BytesIO(b"x"), 100)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "ABCDEFGH", "a" * 65, "a/b/c/d/e/f", "short"])
def test_names_from_browsers_are_no_paths(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        Partial(tmp_path, "7").append(name, 0, BytesIO(b"x"), 100)
    if name != "short":
        with pytest.raises(ValueError, match="small letters"):
            Partial(tmp_path, name)


def test_what_nobody_goes_on_with_is_cleared_away(tmp_path: Path) -> None:
    Partial(tmp_path, "7").append(NAME, 0, BytesIO(b"x"), 100)
    Partial(tmp_path, "8").append(NAME, 0, BytesIO(b"x"), 100)
    old = clock.now().timestamp() - 90_000
    os.utime(tmp_path / "7" / NAME, (old, old))
    assert tidy(tmp_path, 86_400) == 1
    assert Partial(tmp_path, "7").received(NAME) == 0
    assert Partial(tmp_path, "8").received(NAME) == 1
    assert tidy(tmp_path / "nowhere", 1) == 0
