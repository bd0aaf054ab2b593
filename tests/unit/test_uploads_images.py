"""Photos: the pixels come through, nothing hidden does."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from shared.uploads import CleanFile, Kind, Limits, Reason, Refused, accept
from tests.support import samples
from tests.support.samples_documents import zipped
from tests.support.scrubbing import scrubbed


def opened(clean: CleanFile) -> Image.Image:
    image = Image.open(BytesIO(clean.content.read()))
    image.load()
    return image


def reason(data: bytes, name: str, limits: Limits | None = None) -> Reason:
    with pytest.raises(Refused) as refused:
        accept(data, name, limits).close()
    return refused.value.reason


def near(pixel: object, colour: tuple[int, int, int], spread: int = 40) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= spread for one, other in zip(pixel, colour, strict=True))


def test_a_twelve_megapixel_photo_loses_its_place_and_keeps_its_day() -> None:
    data = samples.twelve_megapixel_jpeg()
    assert samples.gps_traces(data)
    with accept(data, "IMG_0001.JPG") as clean:
        assert (clean.kind, clean.media_type, clean.extension) == (Kind.IMAGE, "image/jpeg", ".jpg")
        assert clean.taken_on == date(2025, 3, 14)
        assert (clean.width, clean.height) == (1920, 2560)  # turned upright, made smaller
        image = opened(clean)
        assert image.size == (1920, 2560)
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
        clean.content.seek(0)
        assert samples.gps_traces(clean.content.read()) == []
        assert clean.preview is not None
        assert max(Image.open(BytesIO(clean.preview)).size) == 1200
        assert samples.gps_traces(clean.preview) == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_direction_of_the_camera_ends_upright(orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # what the viewer turns clockwise was stored anticlockwise
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    drawn = samples.picture(160, 120)
    stored = drawn.transpose(turns[orientation]) if orientation in turns else drawn
    _, kept = scrubbed(samples.saved("JPEG", stored, exif=samples.exif(orientation)), "a.jpg")
    image = Image.open(BytesIO(kept))
    assert image.size == (160, 120)
    assert near(image.getpixel((20, 20)), (220, 20, 20))
    assert near(image.getpixel((140, 20)), (20, 20, 220))


def test_a_heic_photo_becomes_a_jpeg_with_a_fitting_name() -> None:
    data = samples.heic()
    assert samples.gps_traces(data)
    with accept(data, "IMG_0002.HEIC") as clean:
        assert (clean.media_type, clean.extension, clean.download_name) == (
            "image/jpeg",
            ".jpg",
            "IMG_0002.jpg",
        )
        assert clean.taken_on == date(2025, 3, 14)
        image = opened(clean)
        assert (image.format, image.size) == ("JPEG", (1200, 900))
        assert near(image.getpixel((100, 100)), (220, 20, 20))
        clean.content.seek(0)
        assert samples.gps_traces(clean.content.read()) == []


@pytest.mark.parametrize(
    ("kind", "name", "media_type"),
    [
        ("PNG", "a.png", "image/png"),
        ("GIF", "a.gif", "image/png"),
        ("BMP", "a.bmp", "image/png"),
        ("WEBP", "a.webp", "image/jpeg"),
        ("JPEG", "no ending", "image/jpeg"),
        ("JPEG", "phone calls it.heic", "image/jpeg"),
        ("PNG", "renamed.jpg", "image/png"),
    ],
)
def test_other_pictures_are_taken_by_their_content(kind: str, name: str, media_type: str) -> None:
    with accept(samples.saved(kind), name) as clean:
        assert clean.media_type == media_type
        assert near(opened(clean).getpixel((20, 20)), (220, 20, 20))


def test_only_the_first_frame_of_a_moving_picture_is_kept() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    with accept(samples.saved("GIF", frames[0], save_all=True, append_images=frames[1:]), "a.gif") as clean:
        image = opened(clean)
        assert getattr(image, "n_frames", 1) == 1
        assert near(image.getpixel((5, 5)), (255, 0, 0))


def test_a_photo_with_a_second_picture_behind_it_is_one_picture() -> None:
    both = samples.saved("MPO", samples.picture(), save_all=True, append_images=[samples.picture(320, 240)])
    with accept(both, "a.jpg") as clean:
        assert opened(clean).size == (640, 480)
        assert clean.media_type == "image/jpeg"


def test_details_in_a_png_are_dropped() -> None:
    data = samples.telling_png()
    assert samples.gps_traces(data)
    with accept(data, "a.png") as clean:
        assert clean.taken_on == date(2025, 3, 14)
        content = clean.content.read()
        assert samples.gps_traces(content) == []
        assert b"eXIf" not in content


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_kind_of_pixel_is_understood(mode: str) -> None:
    if mode == "I;16":
        image = Image.new("I;16", (60, 60), 200 * 257)
        expected = (200, 200, 200)
    else:
        image = Image.new("RGB", (60, 60), (200, 200, 200)).convert(mode)
        expected = (255, 255, 255) if mode == "1" else (200, 200, 200)
        if mode == "1":
            image = Image.new("1", (60, 60), 1)
    _, kept = scrubbed(samples.saved("JPEG" if mode == "CMYK" else "PNG", image), "a.png")
    assert near(Image.open(BytesIO(kept)).convert("RGB").getpixel((30, 30)), expected, 12)


def test_what_is_transparent_becomes_white() -> None:
    with accept(samples.saved("PNG", Image.new("RGBA", (20, 20), (0, 0, 0, 0))), "a.png") as clean:
        assert opened(clean).getpixel((5, 5)) == (255, 255, 255)


def test_the_colour_profile_is_heeded_then_dropped() -> None:
    with accept(samples.swapped_colours_jpeg(), "a.jpg") as clean:
        image = opened(clean)
        assert "icc_profile" not in image.info
        red, green, _blue = image.getpixel((30, 30))  # type: ignore[misc]
        assert green > 200 > 100 > red


def test_a_useless_colour_profile_does_no_harm() -> None:
    with accept(samples.saved("JPEG", icc_profile=b"nonsense" * 40), "a.jpg") as clean:
        assert near(opened(clean).getpixel((20, 20)), (220, 20, 20))


@pytest.mark.parametrize(
    "taken", [None, "0000:00:00 00:00:00", "2025:13:45 10:00:00", "2999:01:01 00:00:00", "x"]
)
def test_a_senseless_day_is_no_day(taken: str | None) -> None:
    with accept(samples.jpeg(taken=taken), "a.jpg") as clean:
        assert clean.taken_on is None


def test_broken_details_do_not_cost_the_photo() -> None:
    data = samples.saved("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    with accept(data, "a.jpg") as clean:
        assert clean.taken_on is None


@pytest.mark.parametrize(
    "tail", [zipped({"evil.js": "x" * 999}), b"%PDF-1.7 tail", samples.HTML, samples.EXE]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_whatever_hangs_behind_a_picture_is_gone(kind: str, tail: bytes) -> None:
    assert tail[:40] not in scrubbed(samples.saved(kind) + tail, "a." + kind.lower())[1]


def test_a_page_hidden_in_a_comment_is_gone() -> None:
    with accept(samples.saved("JPEG", comment=samples.HTML), "a.jpg") as clean:
        assert b"<script" not in clean.content.read()


def test_a_picture_of_fifty_thousand_dots_square_is_refused() -> None:
    data = samples.huge_png()
    assert len(data) < 2_000_000
    assert reason(data, "bomb.png") is Reason.TOO_MANY_PIXELS


def test_more_dots_than_allowed_are_refused_also_in_heic() -> None:
    few = Limits(max_pixels=500_000)
    assert reason(samples.heic(), "a.heic", few) is Reason.TOO_MANY_PIXELS
    assert reason(samples.jpeg(1000, 1000), "a.jpg", few) is Reason.TOO_MANY_PIXELS
    with accept(samples.jpeg(700, 700), "a.jpg", few) as clean:
        assert clean.width == 700


def test_more_data_than_the_header_promises_stays_small() -> None:
    with accept(samples.lying_png(), "a.png") as clean:
        assert (clean.width, clean.height) == (8, 8)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", ["a.jpg", "a.heic", "a.png", "a.webp"])
def test_a_cut_off_picture_is_broken(name: str, share: float) -> None:
    whole = {
        "a.jpg": samples.jpeg(),
        "a.heic": samples.heic(),
        "a.png": samples.saved("PNG", samples.picture(), compress_level=1),
        "a.webp": samples.saved("WEBP", samples.picture()),
    }[name]
    assert reason(whole[: int(len(whole) * share)], name) is Reason.BROKEN


def test_a_head_without_a_picture_is_broken() -> None:
    for head in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8 "):
        assert reason(head + bytes(range(256)), "a.jpg") is Reason.BROKEN
