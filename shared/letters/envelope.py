"""A sheet with the address for a window envelope, put before a letter that somebody else prints.

The letter itself stays as it was sent. The window is that of GOV.UK Notify: 24.6 mm from the left and 39.5 mm
from the top, 95.4 by 26.8 mm, with nothing else in it and nothing within 15 mm of the edges.
"""

import io
import json

import pikepdf
import typst

from shared.letters.pdf import ALL_FONTS, TEMPLATE, fonts_folder

MOST_LINES = 7  # the postcode is the last


def with_address(letter: bytes, lines: tuple[str, ...]) -> bytes:
    """The letter's PDF behind a sheet that bears these lines; the back of the sheet stays empty."""
    *street, last = [" ".join(line.split()) for line in lines if line.strip()]
    kept = [*street[: MOST_LINES - 1], last.upper()]
    data = {"title": "Address", "lines": kept, "fonts": list(ALL_FONTS)}
    sheet = typst.compile(
        TEMPLATE.with_name("envelope.typ"),
        root=TEMPLATE.parent,
        font_paths=[fonts_folder()],
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(data, ensure_ascii=False)},
        timestamp=0,
    )
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(sheet)) as whole, pikepdf.open(io.BytesIO(letter)) as behind:
        whole.add_blank_page(page_size=(595.28, 841.89))
        whole.pages.extend(behind.pages)
        whole.save(target, deterministic_id=True)
    return target.getvalue()
