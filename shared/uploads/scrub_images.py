"""Photos and pictures: only their pixels survive."""

import re
import warnings
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, ImageCms, UnidentifiedImageError
from PIL.Image import DecompressionBombError, DecompressionBombWarning, Resampling, Transpose

from shared.uploads.contract import Kind, Limits, Reason, Refused, Scrubbed
from shared.uploads.sniff import Found

_EXIF_IFD = 0x8769
_ORIENTATION = 0x0112
_TAKEN = (0x9003, 0x9004)  # DateTimeOriginal, DateTimeDigitized
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_DRAWN = {Found.PNG, Found.GIF, Found.BMP}  # often screenshots, whose letters a JPEG would smear
_PNG_CAP = 3_000_000  # a photo saved as PNG is better kept as JPEG


def scrub_image(source: BinaryIO, out: BinaryIO, found: Found, limits: Limits) -> Scrubbed:
    """Copy the pixels into a new picture: upright, sRGB, at most `max_side`, with nothing hidden in it.

    EXIF with its place and thumbnail, comments, profiles, further frames and any tail behind the picture stay
    behind with the old file. Transparent parts become white.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = limits.max_pixels
        try:
            with Image.open(source, formats=_formats(found)) as picture:
                taken_on = _taken_on(picture)
                pixels = _pixels(picture, limits)
        except (DecompressionBombError, DecompressionBombWarning):
            raise Refused(Reason.TOO_MANY_PIXELS, pixels=limits.max_pixels) from None
        except UnidentifiedImageError:
            raise Refused(Reason.BROKEN) from None
    media_type, extension = _save(pixels, out, drawn=found in _DRAWN)
    return Scrubbed(
        kind=Kind.IMAGE,
        media_type=media_type,
        extension=extension,
        width=pixels.width,
        height=pixels.height,
        taken_on=taken_on,
        preview=_preview(pixels, limits.preview_side),
    )


def _formats(found: Found) -> list[str]:
    """Name the one decoder that may try, so that no rarely tested one ever sees the bytes."""
    if found is Found.HEIF:
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
    return [found.upper()]


def _pixels(picture: Image.Image, limits: Limits) -> Image.Image:
    """The upright sRGB pixels in a new image. Made small first, so that later steps need little memory."""
    side = limits.max_side
    orientation = _orientation(picture)
    profile = picture.info.get("icc_profile")
    picture.draft("RGB", (side, side))  # a JPEG is decoded at a half or a quarter where that is enough
    picture.load()
    if picture.width * picture.height > limits.max_pixels:  # a HEIC can turn out larger than it said
        raise Refused(Reason.TOO_MANY_PIXELS, pixels=limits.max_pixels)
    if picture.mode.startswith("I"):
        small = _eight_bits(picture)
    elif picture.mode == "P" or "transparency" in picture.info:
        small = picture.convert("RGBA")
    else:
        small = picture
    small.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=3.0)
    flat = _flat(_srgb(small, profile))
    upright = flat.transpose(_TURNS[orientation]) if orientation in _TURNS else flat
    new = Image.new("RGB", upright.size)
    new.paste(upright)
    return new


def _orientation(picture: Image.Image) -> int:
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # EXIF from strangers breaks its reader in many ways; the pixels are still good
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scans with 16 bits a pixel, scaled; a plain convert would clip nearly all of them to white."""
    return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")


def _srgb(picture: Image.Image, profile: Any) -> Image.Image:
    """Colours as the camera meant them; a profile that cannot be used is ignored."""
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            screen = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(picture, source, screen, outputMode="RGB")
            return turned or picture
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return picture
    return picture


def _flat(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "a" not in picture.getbands():
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def _save(pixels: Image.Image, out: BinaryIO, *, drawn: bool) -> tuple[str, str]:
    if drawn:
        packed = BytesIO()
        pixels.save(packed, "PNG", optimize=pixels.width * pixels.height < 1_000_000)
        if packed.tell() <= _PNG_CAP:
            out.write(packed.getbuffer())
            return "image/png", ".png"
    out.write(_jpeg(pixels, quality=85))
    return "image/jpeg", ".jpg"


def _preview(pixels: Image.Image, side: int) -> bytes:
    small = pixels.copy()
    small.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=2.0)
    return _jpeg(small, quality=80)


def _jpeg(pixels: Image.Image, quality: int) -> bytes:
    """Packed in memory: written straight to a file, Pillow would hide that the disk is full."""
    packed = BytesIO()
    pixels.save(packed, "JPEG", quality=quality, optimize=True, progressive=True)
    return packed.getvalue()


def _taken_on(picture: Image.Image) -> date | None:
    """The day that the camera wrote, in its own local time; None when it is missing or makes no sense."""
    try:
        details = picture.getexif().get_ifd(_EXIF_IFD)
        for tag in _TAKEN:
            match = re.match(r"((?:19|20)\d\d)[:-](\d\d)[:-](\d\d)", str(details.get(tag, "")).strip())
            if match:
                day = date(*map(int, match.groups()))
                return day if day.year >= 1990 else None
    except Exception:  # as for the orientation: a photo with unreadable details is still a photo
        return None
    return None
