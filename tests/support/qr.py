"""Reading a QR code back out of what was drawn: its modules, as a camera would have to find them."""

from urllib.parse import unquote

import pymupdf
import segno

BORDER = 4  # modules of white around it, without which cameras do not find it
PIXELS = 8  # of a module


def drawn_for(address: str) -> list[list[bool]]:
    """The modules of a code for an address, its white border with them."""
    code = segno.make(address, error="m", micro=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=BORDER)]


def of_picture(source: str) -> list[list[bool]]:
    """The modules of a picture that stands in a page as a data: address."""
    kind, _, svg = source.partition(",")
    assert kind == "data:image/svg+xml;charset=utf-8"
    with pymupdf.open(stream=unquote(svg).encode(), filetype="svg") as picture:
        page = picture[0]
        return _modules(page, page.rect)


def of_pdf(content: bytes) -> list[list[bool]]:
    """The modules of the one white square with a code on it in a PDF."""
    with pymupdf.open(stream=content, filetype="pdf") as paper:
        found = [
            (page, drawing["rect"])
            for page in paper
            for drawing in page.get_drawings()
            if drawing["fill"] == (1.0, 1.0, 1.0) and abs(drawing["rect"].width - drawing["rect"].height) < 1
        ]
        assert len(found) == 1
        return _modules(*found[0])


def _modules(page: pymupdf.Page, square: pymupdf.Rect) -> list[list[bool]]:
    for count in range(21 + 2 * BORDER, 61, 4):  # from the smallest version on, until the corners fit
        found = _read(page, square, count)
        if all(_is_finder(found, *corner) for corner in ((4, 4), (4, count - 11), (count - 11, 4))):
            return found
    raise AssertionError("there is no code")


def _read(page: pymupdf.Page, square: pymupdf.Rect, count: int) -> list[list[bool]]:
    zoom = count * PIXELS / square.width
    drawn = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=square, colorspace=pymupdf.csGRAY)
    middle = [int((n + 0.5) * drawn.width / count) for n in range(count)]
    return [[drawn.pixel(x, y)[0] < 128 for x in middle] for y in middle]


def _is_finder(modules: list[list[bool]], top: int, left: int) -> bool:
    ring = [max(abs(y - 3), abs(x - 3)) for y in range(7) for x in range(7)]
    seen = [modules[top + y][left + x] for y in range(7) for x in range(7)]
    return seen == [distance != 2 for distance in ring]
