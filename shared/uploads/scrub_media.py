"""Sound and film: the container is cleaned of places, names and comments; nothing is decoded."""

import shutil
from typing import BinaryIO

from mutagen import MutagenError
from mutagen.ogg import OggPage
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis

from shared.uploads.contract import Kind, Reason, Refused, Scrubbed
from shared.uploads.ebml import blank_elements
from shared.uploads.scrub_boxes import blank_boxes
from shared.uploads.sniff import Found

_OGG_CODECS = {b"OpusHead": OggOpus, b"\x01vorbis": OggVorbis, b"Speex   ": OggSpeex, b"\x7fFLAC": OggFLAC}
# Layer III: kilobits a second by (MPEG 1?, index), and samples a second by version bits.
_BITRATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MIN_FRAMES = 3


def scrub_media(source: BinaryIO, out: BinaryIO, found: Found) -> Scrubbed:
    """Write the recording again without hidden details.

    Raises Refused: broken, not_cleanable, too_complex, wrong_type.
    """
    if found is Found.MP3:
        return _mp3(source.read(), out)
    shutil.copyfileobj(source, out)
    if found is Found.OGG:
        return _ogg(out)
    if found is Found.WEBM:
        film = blank_elements(out)
        return Scrubbed(Kind.VIDEO if film else Kind.AUDIO, "video/webm" if film else "audio/webm", ".webm")
    recording = blank_boxes(out)
    if not recording.pictures:
        return Scrubbed(Kind.AUDIO, "audio/mp4", ".m4a")
    if recording.brand == b"qt  ":
        media_type, extension = "video/quicktime", ".mov"
    elif recording.brand.startswith((b"3gp", b"3g2")):
        media_type, extension = "video/3gpp", ".3gp"
    else:
        media_type, extension = "video/mp4", ".mp4"
    return Scrubbed(Kind.VIDEO, media_type, extension, recording.width, recording.height)


def _mp3(data: bytes, out: BinaryIO) -> Scrubbed:
    """Copy the frames of sound and nothing else: tags, cover pictures and tails are no frames."""
    at = _after_id3(data)
    count = 0
    while at + 4 <= len(data):
        length = _frame_length(data[at : at + 4])
        follows = at + length == len(data) or _frame_length(data[at + length : at + length + 4]) or count
        if length and at + length <= len(data) and follows:
            out.write(data[at : at + length])
            count += 1
            at += length
        else:
            sync = data.find(b"\xff", at + 1)
            at = sync if sync >= 0 else len(data)
    if count < _MIN_FRAMES:
        raise Refused(Reason.BROKEN)
    return Scrubbed(Kind.AUDIO, "audio/mpeg", ".mp3")


def _after_id3(data: bytes) -> int:
    """Where the sound begins: tags in front say their length, seven bits in each byte."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | (byte & 0x7F)
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return at


def _frame_length(head: bytes) -> int:
    """The bytes of the layer III frame that begins with these four, 0 when none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate_index = head[1] >> 3 & 3, head[2] >> 2 & 3
    if version == 1 or rate_index == 3:
        return 0
    bitrate = _BITRATES[version == 3][head[2] >> 4] * 1000
    if not bitrate:
        return 0
    return (144 if version == 3 else 72) * bitrate // _RATES[version][rate_index] + (head[2] >> 1 & 1)


def _ogg(out: BinaryIO) -> Scrubbed:
    """Empty the comments with mutagen and keep only whole pages of the one stream of sound."""
    out.seek(0)
    try:
        first = OggPage(out)
        codec = next((kind for mark, kind in _OGG_CODECS.items() if first.packets[0].startswith(mark)), None)
        if codec is None:
            raise Refused(Reason.WRONG_TYPE)
        out.seek(0)
        sound = codec(out)
        sound.delete(out)
        out.flush()
        _cut_after_pages(out, first.serial)
    except (MutagenError, IndexError, EOFError, ValueError):
        raise Refused(Reason.BROKEN) from None
    return Scrubbed(Kind.AUDIO, "audio/ogg", ".ogg")


def _cut_after_pages(out: BinaryIO, serial: int) -> None:
    out.seek(0)
    pages = 0
    size = out.seek(0, 2)
    out.seek(0)
    while (at := out.tell()) < size:
        try:
            page = OggPage(out)
        except (MutagenError, EOFError):
            if pages < 3:
                raise Refused(Reason.BROKEN) from None
            out.truncate(at)
            return
        if page.serial != serial:
            raise Refused(Reason.NOT_CLEANABLE)  # a second stream, such as a film or words with places
        pages += 1
    if pages < 3:
        raise Refused(Reason.BROKEN)
