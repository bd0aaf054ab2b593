"""Cuts the fonts of pages down to what their language needs: `build_fonts.py <folder>` writes WOFF2 files there.

Whoever has a bad line must not wait for letters that nobody reads: whole faces weigh 45 to 160 kB each, and a
first visit may not weigh more than 100 kB. The regular faces keep every letter of their languages and every
ligature of these, since residents' own words are set in them. The bold faces of Bengali and Hindi, in which
nothing but our own texts is set, keep the shapes that the catalogues and the names of days and months need; a
ligature that is missing is drawn as its letters with a visible virama, which reads a little slower.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import uharfbuzz as harfbuzz
from babel import Locale
from babel.messages.pofile import read_po
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
JOINERS = "\u200c\u200d\u25cc"

# Letters and marks of Arabic, Persian, Urdu, Pashto and Sorani, with their digits.
NASKH = (
    "ءآأؤإئابةپتٹټثجچځحخڅدذڈډرڑړڒڕزژښسشصضطظعغفڤقکكګگلڵمنںڼوۆۇۋهھەہۂۃیيىېۍےۓۀۊێـ،؛؟٪٫٬۔ًٌٍَُِّْٰٕٓٔ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹﷼"
) + JOINERS
BENGALI = "ঁংঃঅআইঈউঊঋএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহ়ঽািীুূৃেৈোৌ্ৎৗড়ঢ়য়০১২৩৪৫৬৭৮৯ৰৱ৳।॥" + JOINERS
DEVANAGARI = "ँंःअआइईउऊऋऍएऐऑओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह़ऽािीुूृॅेैॉोौ्ॐक़ख़ग़ज़ड़ढ़फ़य़०१२३४५६७८९।॥₹" + JOINERS


def font(package: str, script: str, weight: int) -> Path:
    """One face of a locked npm package."""
    return ROOT / f"node_modules/@fontsource/{package}/files/{package}-{script}-{weight}-normal.woff2"


def texts(language: str) -> Iterator[str]:
    """Everything that pages say in a language by themselves."""
    catalogue = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    for message in read_po(BytesIO(catalogue.read_bytes())):
        yield from [message.string] if isinstance(message.string, str) else message.string
    locale = Locale.parse(language)
    for names in (locale.days, locale.months):
        for forms in names.values():
            for words in forms.values():
                yield from words.values()


def words(language: str) -> set[str]:
    """Every word of another script in the texts of a language."""
    return {run for text in texts(language) for run in re.findall(r"[^\x00-\x7f]+", text or "")}


def shapes(face: bytes, language: str) -> set[int]:
    """The glyphs in which the texts of a language are drawn, and those that they pass through on the way.

    প্র is made of প and a sign for ্র that stands in no word by itself: without that sign the two never join.
    """
    shaper = harfbuzz.Font(harfbuzz.Face(face))
    found: set[int] = set()
    for word in words(language):
        buffer = _buffer(word)

        def note(step: str, buffer: harfbuzz.Buffer = buffer) -> bool:
            if "lookup" in step:  # before those there are letters, not glyphs
                found.update(glyph.codepoint for glyph in buffer.glyph_infos)
            return True

        buffer.set_message_func(note)
        harfbuzz.shape(shaper, buffer)
        found.update(glyph.codepoint for glyph in buffer.glyph_infos)
    return found


def _buffer(word: str) -> harfbuzz.Buffer:
    buffer = harfbuzz.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    return buffer


def compare(whole: bytes, smaller: bytes, language: str) -> None:
    """Raise ValueError when a word of the language comes out in another shape than in the whole face."""
    shapers = [harfbuzz.Font(harfbuzz.Face(face)) for face in (whole, smaller)]
    for word in words(language):
        drawn = []
        for shaper in shapers:
            buffer = _buffer(word)
            harfbuzz.shape(shaper, buffer)
            drawn.append([place.position for place in buffer.glyph_positions])
        if drawn[0] != drawn[1]:
            raise ValueError(f"the smaller face draws {word} in another way")


def cut(source: Path, letters: str, target: Path, said_in: str = "") -> None:
    """Write the smaller face; `said_in` names the language whose texts alone it has to draw."""
    whole = TTFont(source)
    whole.flavor = None
    plain = BytesIO()
    whole.save(plain)
    options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False, notdef_outline=True)
    glyphs = []
    if said_in:
        options.layout_closure = False
        order = whole.getGlyphOrder()
        glyphs = [order[number] for number in shapes(plain.getvalue(), said_in)]
    plain.seek(0)
    face = TTFont(plain)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(letter) for letter in letters], glyphs=glyphs)
    cutter.subset(face)
    if said_in:
        smaller = BytesIO()
        face.flavor = None
        face.save(smaller)
        compare(plain.getvalue(), smaller.getvalue(), said_in)
    face.flavor = "woff2"
    face.save(target)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for weight in (400, 700):
        cut(font("noto-naskh-arabic", "arabic", weight), NASKH, folder / f"naskh-{weight}.woff2")
    for package, script, letters, language in (
        ("noto-sans-bengali", "bengali", BENGALI, "bn"),
        ("noto-sans-devanagari", "devanagari", DEVANAGARI, "hi"),
    ):
        cut(font(package, script, 400), letters, folder / f"{script}-400.woff2")
        cut(font(package, script, 700), letters, folder / f"{script}-700.woff2", said_in=language)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
