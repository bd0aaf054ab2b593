"""Keeping translations/ in step with the texts of the service: extract, update, compile.

`python -m shared.catalogues` (make catalogues) takes every text out of code, templates and policy files,
brings each language's catalogue up to date and compiles it. New texts stay empty until somebody
translates them; texts that are gone leave. Catalogues carry no line numbers, so that a diff shows words only.
"""

import io
import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from shared.config import ROOT
from shared.i18n import FOLDER, SOURCE

KEYWORDS = ("lazy_gettext", "_l", "lazy_ngettext:1,2")
# Header lines that change on their own or say nothing.
RESTLESS = tuple(
    f'"{name}:'.encode()
    for name in (
        "Generated-By",
        "Language-Team",
        "PO-Revision-Date",
        "POT-Creation-Date",
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
    )
)


def extract() -> Catalog:
    """Every text that residents can read, as the source says it today."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "messages.pot"
        CommandLineInterface().run(
            [
                *("pybabel", "--quiet", "extract", "--mapping", str(ROOT / "pyproject.toml")),
                *(part for word in KEYWORDS for part in ("--keyword", word)),
                *("--add-comments", "Translators:", "--output", str(target), str(ROOT)),
            ]
        )
        with target.open("rb") as stream:
            return read_po(stream)


def update(catalogue: Path, template: Catalog) -> None:
    """Bring one catalogue in step with the texts: new ones come in empty, old ones leave, the rest stays."""
    with catalogue.open("rb") as stream:
        known = read_po(stream, locale=catalogue.parent.parent.name)
    known.update(template, no_fuzzy_matching=True, update_header_comment=False)
    known.obsolete.clear()
    target = io.BytesIO()
    write_po(target, known, width=0, no_location=True, sort_output=True)
    kept = (line for line in target.getvalue().splitlines(keepends=True) if not line.startswith(RESTLESS))
    catalogue.write_bytes(b"".join(kept))


def compile_stale(folder: Path = FOLDER) -> list[Path]:
    """Compile the catalogues that are newer than their compiled form; returns what was written.

    Development and tests call it at start, so that nobody has to remember; a release is built compiled.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=source.parent.parent.name)
        part = target.with_suffix(f".{os.getpid()}.part")  # several processes may start at once
        with part.open("wb") as stream:
            write_mo(stream, catalogue)
        part.replace(target)
        written.append(target)
    return written


def main() -> None:
    """Extract, update, compile: `make catalogues`."""
    template = extract()
    for catalogue in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        if catalogue.parent.parent.name != SOURCE:
            update(catalogue, template)
    compile_stale()


if __name__ == "__main__":
    main()
