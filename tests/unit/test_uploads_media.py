"""Sound and film: what is heard and seen stays byte for byte, places and names go."""

import struct
import zipfile
from io import BytesIO

import pytest
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus

from shared.uploads import Kind, Limits, Reason, Refused, accept
from tests.support import samples_media as media
from tests.support.samples import PLACE
from tests.support.samples_documents import zipped
from tests.support.scrubbing import scrubbed

SECRETS = (PLACE.encode(), b"location.ISO6709", b"\xa9xyz", b"of Sam")


def cleaned(data: bytes, name: str) -> tuple[Kind, str, str, bytes]:
    found, kept = scrubbed(data, name)
    return found.kind, found.media_type, found.extension, kept


def reason(data: bytes, name: str, limits: Limits | None = None) -> Reason:
    with pytest.raises(Refused) as refused:
        scrubbed(data, name, limits)
    return refused.value.reason


@pytest.mark.parametrize("moov_first", [False, True])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(
    ("brand", "kinds", "expected"),
    [
        (b"mp42", [b"vide", b"soun"], (Kind.VIDEO, "video/mp4", ".mp4")),
        (b"qt  ", [b"vide", b"soun", b"meta"], (Kind.VIDEO, "video/quicktime", ".mov")),
        (b"isom", [b"meta", b"vide", b"sbtl"], (Kind.VIDEO, "video/mp4", ".mp4")),
        (b"3gp5", [b"vide"], (Kind.VIDEO, "video/3gpp", ".3gp")),
        (b"M4A ", [b"soun"], (Kind.AUDIO, "audio/mp4", ".m4a")),
    ],
)
def test_a_recording_loses_its_places_and_nothing_of_its_sound_and_picture(
    brand: bytes, kinds: list[bytes], expected: tuple[Kind, str, str], moov_first: bool, wide: bool
) -> None:
    data = media.recording(brand, kinds, moov_first=moov_first, wide=wide)
    assert all(secret in data for secret in SECRETS)
    *kind, kept = cleaned(data, "a.mp4")
    assert tuple(kind) == expected
    assert not [secret for secret in SECRETS if secret in kept]
    assert len(kept) == len(data)
    for name, body in ((b"vide", media.PICTURE), (b"soun", media.SOUND)):
        assert kept.find(body) == data.find(body)
        assert (name in kinds) == (body in kept)
    MP4(BytesIO(kept))  # its tables can still be read


def test_the_size_of_the_picture_is_known() -> None:
    with accept(media.recording(), "a.mov") as clean:
        assert (clean.kind, clean.width, clean.height) == (Kind.VIDEO, 640, 360)
        assert PLACE.encode() not in clean.content.read()


def test_a_live_voice_recording_is_taken() -> None:
    data = media.fragmented()
    kind, media_type, _, kept = cleaned(data, "voice.m4a")
    assert (kind, media_type) == (Kind.AUDIO, "audio/mp4")
    assert PLACE.encode() not in kept
    assert media.SOUND in kept


def test_a_hidden_track_that_cannot_be_found_is_refused() -> None:
    assert reason(media.fragmented(with_data_track=True), "a.mp4") is Reason.NOT_CLEANABLE


def test_a_recording_that_fetches_its_sound_elsewhere_is_refused() -> None:
    assert reason(media.recording(elsewhere=True), "a.mp4") is Reason.NOT_CLEANABLE


@pytest.mark.parametrize("make", [media.recording, media.webm, media.ogg, media.mp3])
def test_what_hangs_behind_a_recording_is_gone(make: object) -> None:
    data = make()  # type: ignore[operator]
    tail = zipped({"evil.js": "x" * 999})
    *_, kept = cleaned(data + tail, "a.mp4")
    assert b"evil.js" not in kept
    assert not zipfile.is_zipfile(BytesIO(kept))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("moov_first", [False, True])
def test_a_cut_off_film_is_broken(share: float, moov_first: bool) -> None:
    data = media.recording(moov_first=moov_first).removesuffix(media.box(b"uuid", bytes(16), PLACE.encode()))
    assert reason(data[: int(len(data) * share)], "a.mp4") is Reason.BROKEN


def test_boxes_without_a_recording_are_broken() -> None:
    head = media.box(b"ftyp", b"mp42", bytes(4), b"isom")
    assert reason(head, "a.mp4") is Reason.BROKEN
    assert reason(head + media.box(b"moov") + media.box(b"mdat", b"x"), "a.mp4") is Reason.BROKEN
    assert reason(media.recording(kinds=[b"meta"]), "a.mp4") is Reason.BROKEN


def test_boxes_nested_very_deeply_or_lying_about_their_size_cost_one_refusal() -> None:
    deep = media.box(b"traf")
    for _ in range(3000):
        deep = media.box(b"traf", deep)
    head = media.box(b"ftyp", b"mp42", bytes(4), b"isom")
    assert reason(head + media.box(b"moov", media.box(b"mvex", deep)), "a.mp4") is Reason.BROKEN
    lie = struct.pack(">I", 0x7FFFFFFF) + b"trak"
    assert reason(head + media.box(b"moov", lie) + media.box(b"mdat", b"x"), "a.mp4") is Reason.BROKEN
    table = media.full(b"stsz", struct.pack(">II", 0, 0xFFFFFFFF))
    chunks = media.full(b"stco", struct.pack(">II", 0xFFFFFFF0, 0)) + media.full(
        b"stsc", struct.pack(">I", 9)
    )
    kind = media.full(b"hdlr", bytes(4), b"meta", bytes(13))
    track = media.box(
        b"trak", media.box(b"mdia", kind, media.box(b"minf", media.box(b"stbl", table, chunks)))
    )
    assert reason(head + media.box(b"moov", track) + media.box(b"mdat", b"x"), "a.mp4") is Reason.BROKEN


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("film", [True, False])
def test_a_browser_recording_loses_its_tags(live: bool, film: bool) -> None:
    data = media.webm(film=film, live=live)
    kind, media_type, extension, kept = cleaned(data, "recording.webm")
    assert (kind, media_type) == ((Kind.VIDEO, "video/webm") if film else (Kind.AUDIO, "audio/webm"))
    assert extension == ".webm"
    assert PLACE.encode() in data
    assert PLACE.encode() not in kept
    assert kept.count(media.SOUND) == 2
    assert len(kept) == len(data)


def test_a_browser_recording_with_a_track_of_words_is_refused() -> None:
    assert reason(media.webm(track_type=0x21), "a.webm") is Reason.NOT_CLEANABLE


def test_a_cut_off_browser_recording_is_broken() -> None:
    data = media.webm(live=False)
    assert reason(data[: len(data) // 2], "a.webm") is Reason.BROKEN
    assert reason(media.webm()[:200], "a.webm") is Reason.BROKEN


def test_a_voice_message_loses_its_comment() -> None:
    data = media.ogg()
    kind, media_type, extension, kept = cleaned(data, "PTT-20250314.opus")
    assert (kind, media_type, extension) == (Kind.AUDIO, "audio/ogg", ".ogg")
    assert PLACE.encode() not in kept
    assert kept.count(media.SOUND) == 4
    assert not OggOpus(BytesIO(kept)).tags


def test_an_mp3_is_nothing_but_its_frames() -> None:
    data = media.mp3()
    kind, media_type, extension, kept = cleaned(data, "voice.mp3")
    assert (kind, media_type, extension) == (Kind.AUDIO, "audio/mpeg", ".mp3")
    assert len(kept) == 20 * 417
    assert PLACE.encode() not in kept
    sound = MP3(BytesIO(kept))
    assert sound.tags is None
    assert sound.info.length == pytest.approx(20 * 1152 / 44100, rel=0.05)


def test_noise_is_no_mp3() -> None:
    assert reason(b"ID3\x03\0\0\0\0\0\x0a" + bytes(5000), "a.mp3") is Reason.BROKEN
    assert reason(b"\xff\xfb\x90\x00" + bytes(2000), "a.mp3") is Reason.BROKEN


def test_sound_and_film_have_their_own_caps() -> None:
    small = Limits(audio_bytes=1000, video_bytes=1_000_000)
    assert reason(media.mp3(), "a.mp3", small) is Reason.TOO_BIG
    assert scrubbed(media.recording(), "a.mp4", small)[0].kind is Kind.VIDEO
