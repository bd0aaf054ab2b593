"""PDFs: the pages stay, everything that acts, hides or tells on the writer goes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from pikepdf.sanitize import Sanitizer

from shared.uploads.contract import Kind, Limits, Reason, Refused, Scrubbed
from shared.uploads.embedded import strip_jpeg
from shared.uploads.names import words

_ACTIONS = words(
    "/JavaScript /Launch /GoToR /GoToE /GoToDp /GoTo3DView /SubmitForm /ResetForm /ImportData /URI /Rendition"
    " /Movie /Sound /RichMediaExecute /Hide /SetOCGState /Trans /Thread"
)
# Entries that are never part of what a page looks like, wherever they stand.
_NEVER = words(
    "/JS /AA /XFA /EF /AF /EmbeddedFiles /JavaScript /RichMediaContent /RichMediaSettings /Metadata"
    " /PieceInfo /LastModified /OPI /Collection /SpiderInfo /Perms /Legal /URLS"
    " /AlternatePresentations /Thumb"
)
_FILE_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
_EXTERNAL_STREAM = ("/F", "/FFilter", "/FDecodeParms")  # a stream whose bytes lie in another file


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
        for key in (Name.OpenAction, Name.URI):
            if key in pdf.Root:
                del pdf.Root[key]
        if Name.Info in pdf.trailer:
            del pdf.trailer[Name.Info]
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
            children = [thing.get(Name(key)) for key in list(thing.keys())]
        elif isinstance(thing, Array):
            children = list(thing)
        else:
            continue
        # What stands on its own is in pdf.objects already; going after references could run in circles.
        stack.extend(
            child for child in children if isinstance(child, Array | Dictionary) and not child.is_indirect
        )


def _disarm(thing: Object) -> None:
    """Belt and braces behind the library: no acting entry survives in any corner that it does not visit."""
    for key in _NEVER:
        if Name(key) in thing:
            del thing[Name(key)]
    if isinstance(thing, Stream):
        for key in _EXTERNAL_STREAM:
            if Name(key) in thing:
                del thing[Name(key)]
    for key in ("/A", "/OpenAction", "/PA", "/Next"):
        action = thing.get(Name(key))
        if isinstance(action, Dictionary) and str(action.get(Name.S, "")) in _ACTIONS:
            del thing[Name(key)]
    acts = str(thing.get(Name.S, "")) in _ACTIONS
    if acts and (Name.Type not in thing or thing.get(Name.Type) == Name.Action):
        for key in list(thing.keys()):
            if key in {"/F", "/Win", "/Mac", "/Unix", "/URI", "/D", "/R", "/OP"}:
                del thing[Name(key)]


def _drop_file_annotations(page: Object) -> None:
    annotations = page.get(Name.Annots)
    if not isinstance(annotations, Array):
        return
    kept = [
        note
        for note in annotations
        if isinstance(note, Dictionary) and str(note.get(Name.Subtype, "")) not in _FILE_ANNOTATIONS
    ]
    if len(kept) < len(annotations):
        page[Name.Annots] = Array(kept)


def _strip_photo(stored: Stream) -> None:
    """A scanned or inserted photo keeps the camera's details inside its own bytes; take them out."""
    kind = stored.get(Name.Filter)
    if isinstance(kind, Array) and len(kind) == 1:
        kind = kind[0]
    if not isinstance(kind, Name) or str(kind) not in {"/DCTDecode", "/DCT"}:
        return
    try:
        clean = strip_jpeg(stored.read_raw_bytes(), whole=False)
    except ValueError:
        clean = b""  # nothing that shows it is a photo, so there is nothing to show
    stored.write(clean, filter=Name.DCTDecode)


def _check(packed: BytesIO, pages: int) -> None:
    """What we keep must open again with as many pages as came in."""
    try:
        with Pdf.open(packed) as again:
            if len(again.pages) != pages:
                raise Refused(Reason.BROKEN)
    except pikepdf.PdfError:
        raise Refused(Reason.BROKEN) from None
