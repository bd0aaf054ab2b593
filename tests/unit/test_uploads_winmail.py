"""winmail.dat: its photos come out; a hostile one costs one refusal and little time."""

import random
import struct
import time

import pytest

from shared.uploads import Reason, Refused, winmail
from tests.support import samples_mail as made
from tests.support.samples import jpeg


def test_files_come_out_under_their_long_names_byte_for_byte() -> None:
    photo = jpeg()
    found = winmail.unpack(
        made.winmail(("Damp wall in the bedroom, März.jpg", photo), ("notes.txt", b"wet\0"), body="It leaks.")
    )
    assert found.files == (("Damp wall in the bedroom, März.jpg", photo), ("notes.txt", b"wet\0"))
    assert (found.plain, found.complete) == ("It leaks.", True)


def test_messages_inside_give_their_words_and_files_and_no_end_of_them() -> None:
    inner = made.winmail(("inner.jpg", b"\xff\xd8\xff"), body="Sent on.")
    found = winmail.unpack(made.winmail(("a.txt", b"a"), inner=(inner,)))
    assert [name for name, _ in found.files] == ["a.txt", "message-2.txt", "inner.jpg"]
    deep = made.winmail(("deepest.txt", b"x"))
    for _ in range(40):
        deep = made.winmail(inner=(deep,))
    assert "deepest.txt" not in [name for name, _ in winmail.unpack(deep).files]


def test_words_that_are_not_read_are_said_to_be_there() -> None:
    rich = winmail.unpack(made.winmail(("a.txt", b"a"), rich=b"LZFu"))
    assert (rich.plain, rich.html, rich.rich, rich.complete) == ("", "", True, True)
    assert not winmail.unpack(made.winmail(body="It leaks.", rich=b"LZFu")).rich
    assert not winmail.unpack(made.winmail(inner=(made.winmail(rich=b"LZFu"),))).complete
    assert winmail.unpack(made.winmail(inner=(made.winmail(body="It leaks."),))).complete


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.jpg", "a.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("", "file-1"),
        ("دیوار.jpg", "دیوار.jpg"),
    ],
)
def test_a_name_is_never_a_path(sent: str, shown: str) -> None:
    assert winmail.unpack(made.winmail((sent, b"x"))).files == ((shown, b"x"),)


def test_too_many_files_are_said_to_be_too_many() -> None:
    found = winmail.unpack(made.winmail(*((f"{n}.txt", b"x") for n in range(winmail.MOST + 20))))
    assert (len(found.files), found.complete) == (winmail.MOST, False)


def outcome(content: bytes) -> winmail.Unpacked | Reason:
    """What comes out, or why nothing does."""
    try:
        return winmail.unpack(content)
    except Refused as refused:
        return refused.reason


START = made.SIGNATURE + made.KEY
REFUSED = {Reason.BROKEN, Reason.TOO_COMPLEX}
HOSTILE = {
    "nothing": b"",
    "another format": b"PK\x03\x04" + bytes(50),
    "cut short": made.winmail(("a.jpg", jpeg()))[:200],
    "a length beyond the end": START + made.attribute(2, made.DATA, b"x" * 20, length=0xFFFFFFFF),
    "data before any file": START + made.attribute(2, made.DATA, b"x" * 20) * 2,
    "four thousand million properties": START
    + made.attribute(2, made.RENDERING, b"\0" * 14)
    + made.attribute(2, made.PROPERTIES, struct.pack("<I", 0xFFFFFFFF) + b"\0" * 40) * 2,
    "a million tiny attributes": START + made.attribute(1, 0x88008, b"") * 1_000_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_one_costs_one_refusal(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winmail, "SECONDS", 3)
    started = time.monotonic()
    found = outcome(content)
    assert found in REFUSED or (isinstance(found, winmail.Unpacked) and not (found.files and found.complete))
    assert time.monotonic() - started < 10


def test_damaged_ones_are_read_or_refused() -> None:
    chance = random.Random(3)  # noqa: S311 - the same damage every time
    whole = made.winmail(("a.jpg", b"x" * 300), ("b.txt", b"y"), inner=(made.winmail(("c.txt", b"z")),))
    for _ in range(5):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 5, 20])):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        found = outcome(bytes(damaged))
        assert isinstance(found, winmail.Unpacked) or found in REFUSED
