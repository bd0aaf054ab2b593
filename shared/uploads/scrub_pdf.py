"""PDFs: the pages stay, everything that acts, hides or tells on the writer goes."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from pikepdf.sanitize import Sanitizer

from shared.uploads.contract import Kind, Limits, Reason, Refused, Scrubbed
from shared.uploads.embedded import strip_jpeg


def _names(text: str) -> frozenset[Name]:
    return frozenset(Name("/" + word) for word in text.split())


_ACTIONS = _names(
    "JavaScript Launch GoToR GoToE GoToDp GoTo3DView SubmitForm ResetForm ImportData URI Rendition Movie"
    " Sound RichMediaExecute Hide SetOCGState Trans Thread"
)
# Entries that are never part of what a page looks like, wherever they stand.
_NEVER = _names(
    "JS AA XFA EF AF EmbeddedFiles JavaScript RichMediaContent RichMediaSettings Metadata PieceInfo"
    " LastModified OPI Collection SpiderInfo Perms Legal URLS AlternatePresentations Thumb"
)
_HOLDERS = _names("A OpenAction PA Next")  # what leads to an action
_AIMS = _names("F Win Mac Unix URI D R OP")  # what an action does it to
_ELSEWHERE = _names("F FFilter FDecodeParms")  # a stream whose bytes lie in another file
_FILE_ANNOTATIONS = _names("FileAttachment RichMedia Movie Sound Screen 3D")
_PHOTOS = _names("DCTDecode DCT")
_MAX_PHOTO = 100_000_000
_DETAILS = (b"Exif\0", b"http://ns.adobe.com/", b"Photoshop 3.0")


def scrub_pdf(source: BinaryIO, out: BinaryIO, limits: Limits) -> Scrubbed:
    """Write the document again without scripts, actions, links, attachments, forms of Adobe's XFA or names.

    A PDF that opens without a password but forbids printing is kept, unlocked: anybody can read it anyway.
    """
    packed = BytesIO()
    try:
        with Pdf.open(source) as pdf:
            pages = len(pdf.pages)
            if pages == 0:
                raise Refused(Reason.BROKEN)
            if pages > limits.max_pages:
                raise Refused(Reason.TOO_COMPLEX, pages=limits.max_pages)
            _clean(pdf)
            pdf.save(packed, encryption=False, static_id=True)
    except pikepdf.PasswordError:
        raise Refused(Reason.ENCRYPTED) from None
    except pikepdf.PdfError:
        raise Refused(Reason.BROKEN) from None
    _check(packed, pages)
    out.write(packed.getbuffer())
    return Scrubbed(Kind.DOCUMENT, "application/pdf", ".pdf")


def _clean(pdf: Pdf) -> None:
    (
        Sanitizer()
        .remove_javascript()
        .remove_external_access()
        .remove_attachments()
        .remove_multimedia()
        .remove_thumbnails()
        .remove_search_index()
        .remove_web_capture()
        .remove_private_app_data()
        .remove_collection()
        .apply(pdf)
    )
    with pikepdf.explicit_conversion():
        for page in pdf.pages:
            _drop_file_annotations(page.obj)
        for thing in _everything(pdf):
            _disarm(thing)
        _remove(pdf.Root, _names("OpenAction URI"))
        _remove(pdf.trailer, _names("Info"))
        for stored in pdf.objects:
            if isinstance(stored, Stream):
                _strip_photo(stored)


def _everything(pdf: Pdf) -> Iterator[Object]:
    """Every dictionary and stream of the file, those inside others too, however deeply they nest."""
    stack: list[Any] = list(pdf.objects)
    stack.append(pdf.trailer)
    while stack:
        thing = stack.pop()
        if isinstance(thing, Dictionary | Stream):
            yield thing
            inside = [value for _, value in thing.items()]
        elif isinstance(thing, Array):
            inside = list(thing)
        else:
            continue
        # What stands on its own is in pdf.objects already; going after references could run in circles.
        stack.extend(one for one in inside if isinstance(one, Array | Dictionary) and not one.is_indirect)


def _disarm(thing: Object) -> None:
    """Belt and braces behind the library: no acting entry survives in any corner that it does not visit."""
    _remove(thing, _NEVER)
    if isinstance(thing, Stream):
        _remove(thing, _ELSEWHERE)
    for holder in _HOLDERS:
        action = thing.get(holder)
        if isinstance(action, Dictionary) and _one_of(action.get(Name.S), _ACTIONS):
            del thing[holder]
    kind = thing.get(Name.Type)
    if _one_of(thing.get(Name.S), _ACTIONS) and (kind is None or kind == Name.Action):
        _remove(thing, _AIMS)


def _remove(thing: Object, names: frozenset[Name]) -> None:
    for name in names:
        if name in thing:
            del thing[name]


def _one_of(value: Object | None, names: frozenset[Name]) -> bool:
    """Whether a value is one of these names. Never read as text, since old files have names in any coding."""
    return isinstance(value, Name) and value in names


def _drop_file_annotations(page: Object) -> None:
    annotations = page.get(Name.Annots)
    if not isinstance(annotations, Array):
        return
    kept = [
        note
        for note in annotations
        if isinstance(note, Dictionary) and not _one_of(note.get(Name.Subtype), _FILE_ANNOTATIONS)
    ]
    if len(kept) < len(annotations):
        page[Name.Annots] = Array(kept)


def _strip_photo(stored: Stream) -> None:
    """A scanned or inserted photo keeps the camera's details inside its own bytes; take them out."""
    packings, settings = _list(stored.get(Name.Filter)), _list(stored.get(Name.DecodeParms))
    if not packings or not _one_of(packings[-1], _PHOTOS):
        return
    data = stored.read_raw_bytes()
    for packing in packings[:-1]:  # some programs pack the finished photo once more
        if packing != Name.FlateDecode:
            return
        data = zlib.decompressobj().decompress(data, _MAX_PHOTO)
    last = settings[-1] if len(settings) == len(packings) else None
    try:
        stored.write(
            strip_jpeg(data, whole=False),
            filter=Name.DCTDecode,
            decode_parms=last if isinstance(last, Dictionary) else None,
        )
    except ValueError:  # readers mend such photos in their own ways
        if any(mark in data for mark in _DETAILS):
            raise Refused(Reason.NOT_CLEANABLE) from None


def _list(value: Object | None) -> list[Object]:
    """One value or an array of them, as PDF allows both."""
    return list(value) if isinstance(value, Array) else [] if value is None else [value]


def _check(packed: BytesIO, pages: int) -> None:
    """What we keep must open again with as many pages as came in."""
    try:
        with Pdf.open(packed) as again:
            if len(again.pages) != pages:
                raise Refused(Reason.BROKEN)
    except pikepdf.PdfError:
        raise Refused(Reason.BROKEN) from None
